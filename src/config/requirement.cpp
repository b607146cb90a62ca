#include "quivive/server_config.hpp"

namespace quivive {

std::string_view to_string(requirement what) noexcept
{
    switch (what) {
        case requirement::optional:
            return "optional";
        case requirement::required:
            return "required";
    }
    return "unknown";
}

}  // namespace quivive
