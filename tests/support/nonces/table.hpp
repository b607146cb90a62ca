#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace quivive::test {

/// Counts of seal operations.
struct nonce_counts {
    std::uint64_t pairs = 0;     ///< different pairs of a key and a nonce
    std::uint64_t twice = 0;     ///< repeated pairs: must be 0, since a repeated nonce breaks GCM
    std::uint64_t reframed = 0;  ///< records in another format, of which only one leaves the process
};

/// The nonce oracle: all pairs of a key and a nonce used for sealing by this process, or by all processes
/// that share its file. Uses no heap and no lock, so that it may be called from anywhere.
class nonce_table {
public:
    /// Returns the table in the file named by the environment variable QUIVIVE_NONCES, or without it one
    /// private to this process.
    [[nodiscard]] static nonce_table& of_process();

    void note(std::uint64_t key, const std::byte* nonce, std::size_t size) noexcept;
    void note_reframed() noexcept;

    [[nodiscard]] nonce_counts counted() const noexcept;
    /// Clears the table, for a world that reuses the keys of a former one.
    void forget() noexcept;

    [[nodiscard]] static std::uint64_t digest(const std::byte* bytes, std::size_t size,
                                              std::uint64_t seed) noexcept;

private:
    explicit nonce_table(const char* file);

    struct content;
    content* shared_ = nullptr;
};

}  // namespace quivive::test
