#include "quivive/admission.hpp"

#include "wire/bytes.hpp"

namespace quivive {

bool client_hello::offers(std::string_view protocol) const noexcept
{
    // RFC 7301 3.1: non-empty names with length prefixes. Everything after a truncated name is ignored.
    wire::reader names{alpn};
    while (!names.done()) {
        const auto name = names.vector(1);
        if (names.ok() && !name.empty() && wire::as_text(name) == protocol) return true;
    }
    return false;
}

}  // namespace quivive
