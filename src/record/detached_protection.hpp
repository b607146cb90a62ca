#pragma once

#include "record/aead_cache.hpp"
#include "record/keys.hpp"
#include "record/protection.hpp"
#include "record/sealing.hpp"

#include <memory>
#include <optional>

namespace quivive::record {

/// Record protection with keys held by quivive ("detached", src/README.md): DTLS 1.2 with an AEAD cipher (RFC
/// 6347 4.1.2, RFC 5246 6.2.3.3), and connection ids if both sides negotiated them (RFC 9146). This is the
/// only state kept of a finished handshake, about 200 bytes.
class detached_protection final : public protection {
public:
    /// `mtu`: bytes of UDP payload. `ids`: null when there are none.
    detached_protection(const session_keys& keys, std::size_t mtu, std::shared_ptr<aead_cache> ciphers,
                        std::unique_ptr<const connection_ids> ids = nullptr) noexcept;
    ~detached_protection() override;
    detached_protection(const detached_protection&) = delete;
    detached_protection& operator=(const detached_protection&) = delete;

    opened open(const wire::record_view& record, std::span<std::byte> plaintext, const wire::path& path,
                wire::outbox& out) noexcept override;
    [[nodiscard]] bool verifies(const wire::record_view& record,
                                std::span<std::byte> plaintext) noexcept override;
    sealed seal(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept override;
    void send_alert(alert what, const wire::path& path, wire::outbox& out) noexcept override;
    void send_path_message(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept override;
    void renew(std::span<std::byte> record) noexcept override;
    [[nodiscard]] std::size_t max_message_size() const noexcept override;
    [[nodiscard]] std::size_t min_payload() const noexcept override;
    [[nodiscard]] bool aead_limit_reached() const noexcept override;
    [[nodiscard]] const connection_ids* ids() const noexcept override { return ids_.get(); }
    [[nodiscard]] const session_keys* keys() const noexcept override { return &keys_; }

private:
    /// Returns the bytes of plaintext in a payload of this size. Precondition: the payload is at least as
    /// large as the cipher's overhead.
    [[nodiscard]] std::size_t text_room(std::size_t payload) const noexcept
    {
        return payload - traits_of(keys_.cipher).overhead();
    }
    [[nodiscard]] std::optional<drop_reason> find_fault(const wire::record_view& record) const noexcept;
    [[nodiscard]] std::optional<content> decrypt(const wire::record_view& record,
                                                 std::span<std::byte> plaintext) noexcept;
    [[nodiscard]] opened interpret(wire::content_type type, wire::bytes plaintext, const wire::path& path,
                                   wire::outbox& out) noexcept;
    [[nodiscard]] wire::bytes own_id() const noexcept { return ids_ ? ids_->own.value() : wire::bytes{}; }
    [[nodiscard]] wire::bytes peers_id() const noexcept { return ids_ ? ids_->peers.value() : wire::bytes{}; }
    [[nodiscard]] std::optional<std::uint64_t> use_number(std::size_t text_size) noexcept;
    [[nodiscard]] bool send(wire::content_type type, wire::bytes plaintext, const wire::path& path,
                            wire::outbox& out) noexcept;

    session_keys keys_;
    std::shared_ptr<aead_cache> ciphers_;
    std::unique_ptr<const connection_ids> ids_;
    aead_cache::slot reader_ = aead_cache::nowhere;
    aead_cache::slot writer_ = aead_cache::nowhere;
    std::uint16_t mtu_;
    bool over_ = false;  ///< the peer has sent close_notify or a fatal alert
};

}  // namespace quivive::record
