#pragma once

#include "wire/record.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace quivive::tls {

/// Records that overtook what has to come before them, oldest first. When there are too many, the oldest
/// makes room.
class kept_records {
public:
    using record_bytes = std::vector<std::byte>;

    /// `id_size`: of the connection id that the peer puts into its records.
    kept_records(std::size_t capacity, std::size_t id_size) noexcept : capacity_{capacity}, id_size_{id_size}
    {
    }

    /// False when none can be kept. One that is kept already is not kept twice.
    bool keep(const wire::record_view& record) noexcept;

    /// Takes out the oldest one of which `wanted(const wire::record_view&)` is true.
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

    template <typename Visit>
    void for_each(Visit visit) const
    {
        for (const auto& record : records_) visit(view_of(record));
    }

    [[nodiscard]] std::size_t size_bytes() const noexcept
    {
        std::size_t sum = 0;
        for (const auto& record : records_) sum += record.size();
        return sum;
    }

    /// Of one that was kept.
    [[nodiscard]] wire::record_view view_of(const record_bytes& record) const noexcept
    {
        return *wire::first_record(record, id_size_);
    }

private:
    std::size_t capacity_;
    std::size_t id_size_;
    std::vector<record_bytes> records_;  ///< few, and mostly none: an empty deque would take half a kilobyte
};

}  // namespace quivive::tls
