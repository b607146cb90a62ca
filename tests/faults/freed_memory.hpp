#pragma once

#include "wire/bytes.hpp"

#include <string_view>
#include <vector>

namespace quivive::test {

/// Searches all memory passed to `operator delete`, by any thread, for secrets during its lifetime. Only one
/// may exist at a time. It stores the secrets masked, so that it does not find its own copies.
class freed_memory {
public:
    freed_memory();
    ~freed_memory();
    freed_memory(const freed_memory&) = delete;
    freed_memory& operator=(const freed_memory&) = delete;

    /// Adds a secret of at least 8 bytes. Call it before memory with the secret is freed.
    void look_for(wire::bytes secret);
    void look_for(std::string_view secret) { look_for(wire::as_bytes(secret)); }

    /// Returns the number of blocks that held a secret.
    [[nodiscard]] static unsigned found() noexcept;
    /// Returns the number of blocks searched.
    [[nodiscard]] static unsigned looked_at() noexcept;

private:
    std::vector<std::vector<std::byte>> masked_;
};

/// Searches a block. `operator delete` must call it.
void note_freed(void* memory) noexcept;

}  // namespace quivive::test
