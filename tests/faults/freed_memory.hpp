#pragma once

#include "wire/bytes.hpp"

#include <string_view>
#include <vector>

namespace quivive::test {

/// While it lives, looks for secrets in all memory that `operator delete` is given, of any thread. One at a
/// time. What it looks for it knows only masked, so as not to find itself.
class freed_memory {
public:
    freed_memory();
    ~freed_memory();
    freed_memory(const freed_memory&) = delete;
    freed_memory& operator=(const freed_memory&) = delete;

    /// Before what has it is freed. 8 bytes at least.
    void look_for(wire::bytes secret);
    void look_for(std::string_view secret) { look_for(wire::as_bytes(secret)); }

    /// Blocks that held one of them.
    [[nodiscard]] static unsigned found() noexcept;
    /// Blocks that were looked at.
    [[nodiscard]] static unsigned looked_at() noexcept;

private:
    std::vector<std::vector<std::byte>> masked_;
};

/// To be called by `operator delete`.
void note_freed(void* memory) noexcept;

}  // namespace quivive::test
