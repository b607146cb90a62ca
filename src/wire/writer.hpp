#pragma once

#include "wire/bytes.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace quivive::wire {

/// The counterpart of `reader`: appends big-endian integers and vectors. May throw std::bad_alloc.
class writer {
public:
    void integer(std::uint64_t value, std::size_t width)
    {
        const auto at = made_.size();
        made_.resize(at + width);
        write_integer(std::span{made_}.subspan(at), value);
    }
    void raw(bytes data) { made_.insert(made_.end(), data.begin(), data.end()); }
    /// Appends `data` with a length prefix of `width` bytes (RFC 5246 4.3). Precondition: the length fits.
    void vector(bytes data, std::size_t width)
    {
        integer(data.size(), width);
        raw(data);
    }

    /// Reserves memory. Needed for secrets: a buffer that grows leaves the old contents in freed memory.
    void reserve(std::size_t size) { made_.reserve(size); }

    [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(made_); }

private:
    std::vector<std::byte> made_;
};

}  // namespace quivive::wire
