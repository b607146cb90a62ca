#include "tls/kept_records.hpp"

#include "tls/record_bytes.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace quivive::tls {

bool kept_records::keep(const wire::record_view& record, std::size_t most_bytes) noexcept
try {
    const auto size = size_in_bytes(record) + bytes_beside;
    if (capacity_ == 0 || size > most_bytes) return false;
    record_bytes bytes(size_in_bytes(record));
    write_record(bytes, record, record.number());
    if (std::ranges::any_of(records_, [&](const auto& kept) { return wire::equal(kept, bytes); }))
        return true;
    while (records_.size() >= capacity_ || size_bytes() + size > most_bytes) (void)drop_oldest();
    records_.push_back(std::move(bytes));
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

bool kept_records::drop_oldest() noexcept
{
    if (records_.empty()) return false;
    records_.erase(records_.begin());
    return true;
}

std::size_t kept_records::size_bytes() const noexcept
{
    std::size_t sum = 0;
    for (const auto& record : records_) sum += record.size() + bytes_beside;
    return sum;
}

}  // namespace quivive::tls
