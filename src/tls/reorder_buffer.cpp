#include "tls/reorder_buffer.hpp"

#include "tls/record_bytes.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace quivive::tls {

bool reorder_buffer::add(const wire::record_view& record, std::size_t max_bytes) noexcept
try {
    const auto size = size_in_bytes(record), needed = size + bytes_beside;
    if (capacity_ == 0 || needed > max_bytes) return false;
    if (has(record)) return true;
    record_bytes bytes(size);
    write_record(bytes, record, record.number());
    while (records_.size() >= capacity_ || size_bytes() + needed > max_bytes) (void)remove_oldest();
    records_.push_back(std::move(bytes));
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

bool reorder_buffer::has(const wire::record_view& record) const noexcept
{
    return std::ranges::any_of(records_, [&](const record_bytes& bytes) {
        const auto kept = view_of(bytes);
        return kept.number() == record.number() && kept.type == record.type &&
               kept.version == record.version && wire::equal(kept.connection_id, record.connection_id) &&
               wire::equal(kept.payload, record.payload);
    });
}

bool reorder_buffer::remove_oldest() noexcept
{
    if (records_.empty()) return false;
    records_.erase(records_.begin());
    return true;
}

std::size_t reorder_buffer::size_bytes() const noexcept
{
    std::size_t sum = 0;
    for (const auto& record : records_) sum += record.size() + bytes_beside;
    return sum;
}

}  // namespace quivive::tls
