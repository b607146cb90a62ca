// A process that has sealed twice under one key and nonce fails at its exit, whatever else it tests.
#include "support/nonces/table.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

struct guard {
    guard() = default;
    ~guard()
    {
        const auto sealed = quivive::test::nonce_table::of_process().counted();
        const auto number = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
        if (sealed.twice > 0 || std::getenv("QUIVIVE_SHOW_NONCES"))
            std::fprintf(stderr, "sealed under %llu keys and nonces, %llu of them twice\n",
                         number(sealed.pairs), number(sealed.twice));
        if (sealed.twice == 0) return;
        std::fflush(nullptr);
        std::_Exit(1);
    }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
};

const guard until_the_end;

}  // namespace
