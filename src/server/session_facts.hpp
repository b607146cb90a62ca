#pragma once

#include "quivive/limits.hpp"
#include "quivive/session_info.hpp"
#include "tls/handshake.hpp"

namespace quivive::detail {

/// Between the public structs and those of the layers below.
[[nodiscard]] tls::handshake_settings make_handshake_settings(const limits& limits, std::size_t handshake_mtu,
                                                              std::size_t mtu) noexcept;
[[nodiscard]] session_info make_session_info(const wire::path& path, tls::handshake_facts facts,
                                             bool cookie_proven);

}  // namespace quivive::detail
