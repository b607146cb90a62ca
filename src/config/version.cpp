#include "quivive/version.hpp"

#define QUIVIVE_TEXT_OF(number) #number
#define QUIVIVE_DOTTED(major, minor, patch) \
    QUIVIVE_TEXT_OF(major) "." QUIVIVE_TEXT_OF(minor) "." QUIVIVE_TEXT_OF(patch)

namespace quivive {

std::string_view version() noexcept
{
    return QUIVIVE_DOTTED(QUIVIVE_VERSION_MAJOR, QUIVIVE_VERSION_MINOR, QUIVIVE_VERSION_PATCH);
}

}  // namespace quivive
