#pragma once

#include "tls/gnutls_context.hpp"

#include <stdexcept>

namespace quivive::test {

/// A client context that keeps a session, which the next session resumes.
class resuming_client final : public tls::gnutls_context {
public:
    explicit resuming_client(const tls::context_options& options)
    {
        certificates_ = tls::make_handle<tls::certificate_credentials>(
            "gnutls_certificate_allocate_credentials", gnutls_certificate_allocate_credentials);
        tls::problem_list problems;
        use_options(options, {.certificate = true, .psk = false}, tls::suite_order::certificate, problems);
        if (!problems.empty()) throw std::logic_error{"the options of a client are wrong"};
    }
    /// Call when the handshake is over and its session still exists.
    void keep() { tls::check(gnutls_session_get_data2(latest_, kept_.out()), "gnutls_session_get_data2"); }

private:
    void apply_role(gnutls_session_t session) const override
    {
        latest_ = session;
        const auto& kept = kept_.get();
        if (kept.size > 0)
            tls::check(gnutls_session_set_data(session, kept.data, kept.size), "gnutls_session_set_data");
    }

    mutable gnutls_session_t latest_ = nullptr;
    tls::datum kept_;
};

}  // namespace quivive::test
