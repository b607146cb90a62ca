#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace quivive::test {

/// What was sealed under.
struct nonce_counts {
    std::uint64_t pairs = 0;     ///< of a key and a nonce, different ones
    std::uint64_t twice = 0;     ///< how often one came again: never, or all that GCM promises is gone
    std::uint64_t reframed = 0;  ///< records in another format, of which only one leaves the process
};

/// The oracle: all pairs of a key and a nonce under which this process has sealed anything, or all processes
/// that have the same file. No heap, no lock: it may be asked from anywhere.
class nonce_table {
public:
    /// The file that the environment variable QUIVIVE_NONCES names; without it one of this process's own.
    [[nodiscard]] static nonce_table& of_process();

    void note(std::uint64_t key, const std::byte* nonce, std::size_t size) noexcept;
    void note_reframed() noexcept;

    [[nodiscard]] nonce_counts counted() const noexcept;
    /// Forgets all, for a world whose keys are those of one before.
    void forget() noexcept;

    [[nodiscard]] static std::uint64_t digest(const std::byte* bytes, std::size_t size,
                                              std::uint64_t seed) noexcept;

private:
    explicit nonce_table(const char* file);

    struct content;
    content* shared_ = nullptr;
};

}  // namespace quivive::test
