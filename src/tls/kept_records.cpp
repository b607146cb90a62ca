#include "tls/kept_records.hpp"

#include "tls/record_bytes.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace quivive::tls {

bool kept_records::keep(const wire::record_view& record) noexcept
try {
    if (capacity_ == 0) return false;
    record_bytes bytes(size_in_bytes(record));
    write_record(bytes, record, record.number());
    if (std::ranges::find(records_, bytes) != records_.end()) return true;
    if (records_.size() >= capacity_) records_.erase(records_.begin());
    records_.push_back(std::move(bytes));
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

}  // namespace quivive::tls
