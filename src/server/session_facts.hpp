#pragma once

#include "quivive/limits.hpp"
#include "quivive/session_info.hpp"
#include "tls/handshake.hpp"
#include "wire/endpoint.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace quivive::runtime {

/// Facts that many sessions of a server have in common, stored once.
struct common_facts {
    std::string protocol, cipher_suite, server_name, alpn;

    friend bool operator==(const common_facts&, const common_facts&) = default;
};

/// Cache of the common facts of recent sessions. Not thread-safe: each shard has one.
class known_facts {
public:
    [[nodiscard]] std::shared_ptr<const common_facts> find(common_facts wanted);

private:
    std::array<std::shared_ptr<const common_facts>, 8> known_;
    std::size_t next_ = 0;
};

/// A `session_info` in a third of its size, since there are many sessions. The full struct is made on first
/// request.
class compact_info {
public:
    /// `known` may be null.
    compact_info(const wire::path& path, tls::handshake_facts facts, bool cookie_proven, known_facts* known);
    ~compact_info();
    compact_info(const compact_info&) = delete;
    compact_info& operator=(const compact_info&) = delete;

    /// May be called from any thread. Throws `std::bad_alloc`, but only until it has succeeded once.
    [[nodiscard]] const session_info& full() const;
    /// Returns the facts it was made of, without the application's bytes.
    [[nodiscard]] tls::handshake_facts facts() const;
    [[nodiscard]] bool imported() const noexcept { return imported_; }
    [[nodiscard]] const std::string& cipher_suite() const noexcept { return common_->cipher_suite; }

private:
    [[nodiscard]] std::unique_ptr<session_info> make() const;

    wire::endpoint local_, peer_;
    std::shared_ptr<const common_facts> common_;
    std::string own_;  ///< PSK identity, pin and subject, concatenated
    std::uint16_t identity_size_;
    std::uint8_t pin_size_;
    bool cookie_proven_;
    bool resumed_;
    bool connection_id_;
    bool imported_;
    /// Facts that few sessions have. Null when this one has none of them.
    struct extras {
        std::vector<std::byte> application;
        std::shared_ptr<const keying_material> keying;
    };
    std::unique_ptr<const extras> extras_;
    mutable std::atomic<const session_info*> full_{nullptr};
};

/// Converts the public limits to the handshake settings of the lower layers.
[[nodiscard]] tls::handshake_settings make_handshake_settings(const limits& limits, std::size_t handshake_mtu,
                                                              std::size_t mtu) noexcept;

}  // namespace quivive::runtime
