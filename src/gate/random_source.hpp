#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace quivive::gate {

/// Source of randomness for keys and connection ids. Passed in, like time. May throw when there is no
/// randomness.
using random_source = std::function<void(std::span<std::byte>)>;

}  // namespace quivive::gate
