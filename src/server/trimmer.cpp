#include "server/trimmer.hpp"

#include <new>
#include <utility>

namespace quivive::runtime {

void trimmer::begin(std::size_t bytes) noexcept
{
    freed_.begin(bytes);
    if (freed_.under_way()) later();
}

void trimmer::later() noexcept
{
    if (stopped_ || std::exchange(posted_, true)) return;
    try {
        executor_.post([self = shared_from_this()] { self->go_on(); });
    } catch (const std::bad_alloc&) {
        posted_ = false;  // the next `begin` continues
    }
}

void trimmer::go_on() noexcept
{
    posted_ = false;
    if (!stopped_ && freed_.go_on(slice_of_trim)) later();
}

}  // namespace quivive::runtime
