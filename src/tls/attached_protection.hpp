#pragma once

#include "record/protection.hpp"
#include "tls/live_session.hpp"

#include <memory>

namespace quivive::tls {

/// Protects records by the live GnuTLS session ("attached", src/README.md).
class attached_protection final : public record::protection, private record_channel::sink {
public:
    attached_protection(std::unique_ptr<live_session> live, std::size_t mtu) noexcept;

    record::opened open(const wire::record_view& record, std::span<std::byte> plaintext,
                        const wire::path& path, wire::outbox& out) noexcept override;
    record::sealed seal(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept override;
    void send_alert(record::alert what, const wire::path& path, wire::outbox& out) noexcept override;
    void renew(std::span<std::byte> record) noexcept override;
    [[nodiscard]] std::size_t max_message_size() const noexcept override;
    [[nodiscard]] std::size_t min_payload() const noexcept override { return min_payload_; }

private:
    void pushed(wire::bytes record) noexcept override;
    [[nodiscard]] std::ptrdiff_t receive(const wire::record_view& record,
                                         std::span<std::byte> plaintext) noexcept;
    [[nodiscard]] record::opened interpret(std::ptrdiff_t result,
                                           const wire::record_view& record) const noexcept;
    [[nodiscard]] gnutls_session_t session() const noexcept { return live_->session.get(); }

    /// Destination of pushes while a member function runs.
    struct outlet {
        const wire::path& path;
        wire::outbox& out;
    };
    class push_scope;

    std::unique_ptr<live_session> live_;
    std::size_t min_payload_;
    std::size_t most_payload_;
    const outlet* outlet_ = nullptr;
    bool over_ = false;  ///< GnuTLS takes nothing more
};

}  // namespace quivive::tls
