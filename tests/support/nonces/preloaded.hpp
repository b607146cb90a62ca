#pragma once

#include "support/nonces/table.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

namespace quivive::test {

/// Makes all processes started during its lifetime load the oracle from this library and share their pairs.
class preloaded_oracle {
public:
    preloaded_oracle(const std::string& library, std::string file) : file_{std::move(file)}
    {
        ::setenv("QUIVIVE_NONCES", file_.c_str(), 1);
        ::setenv("LD_PRELOAD", library.c_str(), 1);
    }
    ~preloaded_oracle()
    {
        ::unsetenv("LD_PRELOAD");
        ::unsetenv("QUIVIVE_NONCES");
    }
    preloaded_oracle(const preloaded_oracle&) = delete;
    preloaded_oracle& operator=(const preloaded_oracle&) = delete;

    [[nodiscard]] nonce_counts counted() const
    {
        std::array<std::uint64_t, 3> numbers{};
        std::ifstream in{file_, std::ios::binary};
        in.read(reinterpret_cast<char*>(numbers.data()), sizeof numbers);
        return {numbers[0], numbers[1], numbers[2]};
    }

private:
    std::string file_;
};

}  // namespace quivive::test
