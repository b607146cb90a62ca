#include "quivive/server_config.hpp"

namespace quivive {

std::string_view to_string(record_layer layer) noexcept
{
    switch (layer) {
        case record_layer::detached:
            return "detached";
        case record_layer::attached:
            return "attached";
    }
    return "unknown";
}

}  // namespace quivive
