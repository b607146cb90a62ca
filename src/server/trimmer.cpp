#include "server/trimmer.hpp"

#include <new>
#include <utility>

namespace quivive::runtime {

void trimmer::begin(std::size_t bytes) noexcept
{
    freed_.begin(bytes);
    if (freed_.in_progress()) post_slice();
}

void trimmer::post_slice() noexcept
{
    if (stopped_ || std::exchange(posted_, true)) return;
    try {
        executor_.post([self = shared_from_this()] { self->run_slice(); });
    } catch (const std::bad_alloc&) {
        posted_ = false;  // the next `begin` continues
    }
}

void trimmer::run_slice() noexcept
{
    posted_ = false;
    if (!stopped_ && freed_.run_slice(slice_of_trim)) post_slice();
}

}  // namespace quivive::runtime
