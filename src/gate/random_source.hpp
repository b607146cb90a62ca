#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace quivive::gate {

/// Where fresh keys and ids come from; passed in, as time is. May throw when there is no randomness.
using random_source = std::function<void(std::span<std::byte>)>;

}  // namespace quivive::gate
