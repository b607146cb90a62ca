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
            return "nothing authentic came from the peer for the idle time-out";
        case errc::handshake_timeout:
            return "the handshake did not finish in time";
        case errc::handshake_failed:
            return "the handshake failed";
        case errc::displaced:
            return "the handshake was given up for a newcomer";
        case errc::peer_alert:
            return "the peer ended the session with a fatal alert";
        case errc::server_stopped:
            return "the server has stopped";
        case errc::already_serving:
            return "the attempts already go to a handler";
        case errc::attempt_expired:
            return "the attempt has been answered or has expired";
        case errc::certificate_rejected:
            return "the peer's certificate was rejected";
        case errc::challenged:
            return "the answer was too long for an address that nobody has proven; a cookie was asked for";
        case errc::exported:
            return "the session was exported, and goes on in another process";
        case errc::not_exportable:
            return "only an open session with detached records can be exported";
        case errc::no_state:
            return "the server has no directory for its state";
        case errc::bad_blob:
            return "this is no session that was sealed with the same secret for the same state folder (not a "
                   "copy of it), or it was changed";
        case errc::used_blob:
            return "this session was imported before";
        case errc::expired_blob:
            return "this session was exported too long ago, or its clock is ahead";
        case errc::foreign_blob:
            return "this session is another server's: its address is not listened at here, or its connection "
                   "id has another length";
        case errc::bad_configuration:
            return "the configuration cannot be used (quivive::validate and validate_files say why)";
        case errc::wrong_key:
            return "the peer's Finished does not verify: it has another key, or an identity that is not "
                   "known";
        case errc::server_name_rejected:
            return "the client's server name (SNI) is no DNS name, and GnuTLS refuses it";
        case errc::no_extended_master_secret:
            return "the peer has no extended master secret (RFC 7627), which is required for this";
        case errc::no_secure_renegotiation:
            return "the client has no secure renegotiation (RFC 5746), which is required";
        case errc::export_failed:
            return "the session's export failed, and could not be taken back for certain";
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
