#include "observe/flight_names.hpp"

#include "wire/client_hello.hpp"
#include "wire/handshake.hpp"
#include "wire/record.hpp"

#include <algorithm>
#include <variant>

namespace quivive::observe {

namespace {

/// Appends names to a buffer, separated by ", ". Omits names that do not fit.
class name_list {
public:
    explicit name_list(name_buffer& buffer) noexcept : buffer_{buffer} {}

    void add(std::string_view name) noexcept
    {
        if (name == last_) return;  // further fragments of one message
        last_ = name;
        const std::string_view separator = size_ ? ", " : "";
        if (size_ + separator.size() + name.size() > buffer_.size()) return;
        for (const auto part : {separator, name})
            size_ = static_cast<std::size_t>(std::ranges::copy(part, buffer_.begin() + size_).out -
                                             buffer_.begin());
    }
    [[nodiscard]] std::string_view text() const noexcept { return {buffer_.data(), size_}; }

private:
    name_buffer& buffer_;
    std::size_t size_ = 0;
    std::string_view last_;
};

std::string_view name_of(wire::handshake_type type) noexcept
{
    using enum wire::handshake_type;
    switch (type) {
        case hello_request:
            return "HelloRequest";
        case client_hello:
            return "ClientHello";
        case server_hello:
            return "ServerHello";
        case hello_verify_request:
            return "HelloVerifyRequest";
        case new_session_ticket:
            return "NewSessionTicket";
        case certificate:
            return "Certificate";
        case server_key_exchange:
            return "ServerKeyExchange";
        case certificate_request:
            return "CertificateRequest";
        case server_hello_done:
            return "ServerHelloDone";
        case certificate_verify:
            return "CertificateVerify";
        case client_key_exchange:
            return "ClientKeyExchange";
        case finished:
            return "Finished";
        case certificate_status:
            return "CertificateStatus";
    }
    return "unknown handshake message";
}

bool has_cookie(const wire::record_view& record) noexcept
{
    const auto read = wire::read_client_hello(record);
    const auto* hello = std::get_if<wire::client_hello_view>(&read);
    return hello && !hello->cookie.empty();
}

void add_messages(name_list& names, const wire::record_view& record) noexcept
{
    wire::reader in{record.payload};
    while (!in.done()) {
        const auto message = wire::read_handshake(in);
        if (!in.ok()) return;
        if (message.type == wire::handshake_type::client_hello && has_cookie(record))
            names.add("ClientHello (cookie)");
        else
            names.add(name_of(message.type));
    }
}

}  // namespace

std::string_view name_flight(wire::bytes datagram, name_buffer& buffer) noexcept
{
    name_list names{buffer};
    for (wire::record_cutter cutter{datagram}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (!record) break;
        if (record->is(wire::content_type::change_cipher_spec)) names.add("ChangeCipherSpec");
        if (record->is(wire::content_type::alert))
            names.add(record->epoch == 0 ? "Alert" : "Alert (encrypted)");
        if (!record->is(wire::content_type::handshake)) continue;
        if (record->epoch == 0)
            add_messages(names, *record);
        else
            names.add("Finished");
    }
    return names.text();
}

}  // namespace quivive::observe
