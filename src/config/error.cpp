#include "quivive/error.hpp"

#include <utility>

namespace quivive {

namespace {

const char* text_of(errc code) noexcept
{
    switch (code) {
        case errc::message_size:
            return "the message does not fit";
        case errc::operation_in_progress:
            return "an operation of this kind is already waiting on this session";
        case errc::replaced:
            return "the peer has made a new association from the same address";
        case errc::idle_timeout:
            return "no authentic record arrived from the peer within the idle timeout";
        case errc::handshake_timeout:
            return "the handshake did not finish in time";
        case errc::handshake_failed:
            return "the handshake failed";
        case errc::displaced:
            return "the handshake was aborted in favour of a newer one";
        case errc::peer_alert:
            return "the peer ended the session with a fatal alert";
        case errc::server_stopped:
            return "the server has stopped";
        case errc::already_serving:
            return "a handler already serves the attempts";
        case errc::attempt_expired:
            return "the attempt has been answered or has expired";
        case errc::certificate_rejected:
            return "the peer's certificate was rejected";
        case errc::challenged:
            return "the response was too large for an unvalidated address; a cookie was requested";
        case errc::exported:
            return "the session was exported and continues in another process";
        case errc::not_exportable:
            return "only an open session with detached records can be exported";
        case errc::no_state:
            return "the server has no directory for its state";
        case errc::bad_blob:
            return "the session was not sealed with the same secret for the same state folder (not a copy of "
                   "it), or it was modified";
        case errc::used_blob:
            return "the session was imported before";
        case errc::expired_blob:
            return "the session was exported too long ago, or by a process whose clock is ahead";
        case errc::foreign_blob:
            return "the session belongs to another server: this server does not listen on its address, or "
                   "uses connection ids of another length";
        case errc::bad_configuration:
            return "the configuration cannot be used (see quivive::validate and validate_files)";
        case errc::wrong_key:
            return "the peer's Finished does not verify: the peer has a different key or an unknown identity";
        case errc::server_name_rejected:
            return "the client's server name (SNI) is no DNS name, and GnuTLS refuses it";
        case errc::no_extended_master_secret:
            return "the peer does not support the extended master secret (RFC 7627), which is required here";
        case errc::no_secure_renegotiation:
            return "the client does not support secure renegotiation (RFC 5746), which is required";
        case errc::export_failed:
            return "the export of the session failed, and it is uncertain whether it was undone";
        case errc::sequence_exhausted:
            return "no further record may be protected with these keys";
    }
    return "unknown quivive error";
}

// GCC warns because Boost's base class has a protected non-virtual destructor. Categories are never deleted.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class own_category final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "quivive"; }
    [[nodiscard]] std::string message(int code) const override { return text_of(static_cast<errc>(code)); }
};
#pragma GCC diagnostic pop

std::string one_a_line(const std::vector<std::string>& problems)
{
    std::string text;
    for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + problem;
    return text;
}

// Ensures that `problems()` is never empty, even if the caller passes an empty vector.
std::vector<std::string> at_least_one(std::vector<std::string> problems)
{
    if (problems.empty()) problems.emplace_back("the configuration cannot be used");
    return problems;
}

}  // namespace

const boost::system::error_category& quivive_category() noexcept
{
    static const own_category category;
    return category;
}

config_error::config_error(std::vector<std::string> problems)
    : std::runtime_error{one_a_line(problems = at_least_one(std::move(problems)))},
      problems_{std::move(problems)}
{
}

config_error::config_error(std::string problem) : config_error{std::vector{std::move(problem)}} {}

}  // namespace quivive
