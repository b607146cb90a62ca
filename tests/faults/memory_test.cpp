// Allocations fail: the first one, the second one, and so on, for all allocations of a meeting, those of the
// deciding layers and those of GnuTLS.

#include "faults/each_call.hpp"
#include "faults/freed_memory.hpp"
#include "support/catch.hpp"

#include <gnutls/gnutls.h>

#include <cstdlib>
#include <new>

namespace {

constexpr const char* by_new = "operator new";

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    // Zeroed: a freed block then holds only what its owner has stored there (freed_memory).
    return quivive::test::fails_now(by_new) ? nullptr : std::calloc(1, size > 0 ? size : 1);
}
void* operator new(std::size_t size)
{
    if (void* const memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept
{
    quivive::test::note_freed(memory);
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

using namespace quivive;
using namespace quivive::test;

namespace {

/// During its lifetime, makes GnuTLS's allocator, which is a variable, call `fails_now` too.
class gnutls_without_memory {
public:
    static constexpr const char* name = "gnutls_malloc";

    gnutls_without_memory() noexcept
    {
        gnutls_malloc = [](std::size_t size) { return fails_now(name) ? nullptr : std::malloc(size); };
    }
    ~gnutls_without_memory() { gnutls_malloc = before_; }
    gnutls_without_memory(const gnutls_without_memory&) = delete;
    gnutls_without_memory& operator=(const gnutls_without_memory&) = delete;

private:
    gnutls_alloc_function before_ = gnutls_malloc;
};

}  // namespace

TEST_CASE("faults: a server continues and counts the fault whichever allocation fails")
{
    const auto& how = GENERATE(from_range(all_manners()));
    INFO(how.name);
    CHECK(fail_each_call(how, side::server, by_new, usual_losses_of(how)) >= 20);
}

TEST_CASE("faults: a client reports the fault and its server continues whichever allocation fails")
{
    const auto& how = GENERATE(from_range(all_manners()));
    INFO(how.name);
    CHECK(fail_each_call(how, side::client, by_new, usual_losses_of(how)) >= 10);
}

TEST_CASE("faults: a handshake without memory for a PSK fails and the server continues")
{
    const gnutls_without_memory scarce;
    const auto& how = all_manners().at(3);
    REQUIRE(how.psk);
    CHECK(fail_each_call(how, side::server, gnutls_without_memory::name, usual_losses_of(how)) >= 1);
}
