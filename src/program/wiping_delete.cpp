#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

// What the program gives back is wiped: texts with keys, of its arguments and files, pass through strings of
// the standard library and of others, and messages through buffers. Nothing of it stays in memory that is
// used again, or in a core. Messages are carried without memory of their own, so this costs them nothing. The
// library wipes what it has itself, whoever uses it; this is for the rest.
//
// A sanitizer has its own, and would take these for a mistake.
#if defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define QUIVIVE_OWN_DELETE 0
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define QUIVIVE_OWN_DELETE 0
#endif

#if !defined(QUIVIVE_OWN_DELETE)

namespace {

void wipe_and_free(void* memory) noexcept
{
    if (memory == nullptr) return;
    std::memset(memory, 0, ::malloc_usable_size(memory));
    asm volatile("" : : "r"(memory) : "memory");
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size)
{
    for (;;) {
        if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
        const auto handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc{};
        handler();
    }
}

void operator delete(void* memory) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { wipe_and_free(memory); }

#endif
