#pragma once

#include "wire/record.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace quivive::tls {

/// Records that overtook earlier ones, oldest first. The oldest are discarded when there are too many, or too
/// many bytes of them.
class reorder_buffer {
public:
    using record_bytes = std::vector<std::byte>;

    /// `id_size` is the size of the connection id that the peer puts into its records.
    reorder_buffer(std::size_t capacity, std::size_t id_size) noexcept
        : capacity_{capacity}, id_size_{id_size}
    {
    }

    /// Keeps a record. Discards the oldest ones until all of them take at most `max_bytes`. Returns false
    /// when the record alone is too large, nothing may be kept, or memory is exhausted. A record is not kept
    /// twice.
    bool add(const wire::record_view& record, std::size_t max_bytes) noexcept;

    /// Returns true when this record is kept.
    [[nodiscard]] bool has(const wire::record_view& record) const noexcept;

    /// Discards the oldest record. Returns false when there is none.
    bool remove_oldest() noexcept;

    /// Discards the records for which `useless(const wire::record_view&)` returns true. Calls it once for
    /// each, oldest first.
    template <typename Useless>
    void remove_if(Useless useless) noexcept
    {
        // An exception would leave moved-from records behind.
        static_assert(noexcept(useless(std::declval<const wire::record_view&>())));
        std::erase_if(records_, [&](const record_bytes& record) { return useless(view_of(record)); });
    }

    /// Takes out the oldest record for which `wanted(const wire::record_view&)` returns true.
    template <typename Wanted>
    [[nodiscard]] std::optional<record_bytes> take_first(Wanted wanted)
    {
        for (auto each = records_.begin(); each != records_.end(); ++each) {
            if (!wanted(view_of(*each))) continue;
            auto taken = std::move(*each);
            records_.erase(each);
            return taken;
        }
        return std::nullopt;
    }

    /// Returns a view of a kept record.
    [[nodiscard]] wire::record_view view_of(const record_bytes& record) const noexcept
    {
        return *wire::first_record(record, id_size_);
    }

    [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
    /// Returns the memory in bytes of all kept records.
    [[nodiscard]] std::size_t size_bytes() const noexcept;

    /// Memory of each record in addition to its own bytes.
    static constexpr std::size_t bytes_beside = sizeof(record_bytes) + 2 * sizeof(std::size_t);

private:
    std::size_t capacity_;
    std::size_t id_size_;
    std::vector<record_bytes> records_;  ///< few, and usually none: an empty deque would take half a kilobyte
};

}  // namespace quivive::tls
