#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

// Wipes all memory that the program frees. Texts with keys, from arguments and files, pass through strings of
// the standard library and of other libraries, and messages pass through buffers. None of them remains in
// reused memory or in a core dump. Messages are processed without allocations, so this costs them nothing.
// The library itself wipes its own secrets in any program; this file covers the rest.
//
// Not used with sanitizers, which replace these operators themselves and would report a mismatch.
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
