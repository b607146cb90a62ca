#include "tls/context.hpp"

#include <algorithm>

namespace quivive::tls {

context::~context() = default;

bool context::supports(std::uint16_t version) const noexcept
{
    return std::ranges::find(versions_, version) != versions_.end();
}

bool context::has_common_version(const wire::client_hello_view& hello) const noexcept
{
    bool offers_1_3 = false, common = false;
    for (wire::reader in{wire::supported_versions(hello)}; !in.done();) {
        const auto version = in.u16();
        offers_1_3 = offers_1_3 || version == wire::dtls_1_3;
        common = common || supports(version);
    }
    if (offers_1_3) return common;
    // A later version of DTLS has a smaller number.
    return std::ranges::any_of(versions_, [&](std::uint16_t version) { return version >= hello.version; });
}

std::size_t context::min_response_size(const wire::client_hello_view&) const noexcept { return 0; }

}  // namespace quivive::tls
