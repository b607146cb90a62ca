#pragma once

#include "tls/partial_message.hpp"
#include "wire/handshake.hpp"

#include <array>
#include <cstddef>

namespace quivive::tls {

/// Foresees whether the fragments of one record make a message whole, in their order and as
/// `message_assembly` would put them together. Copies no bytes, and changes nothing.
class message_forecast {
public:
    /// Nothing has come of the message.
    message_forecast() = default;
    /// `begun` has come of it, and stays as it is meanwhile. `disputed`: fragments have disagreed on it.
    message_forecast(const partial_message& begun, bool disputed) noexcept
        : begun_{&begun}, come_{begun.size_come()}, disputed_{disputed}, anew_{false}
    {
    }

    /// Whether the message is whole with this fragment, after those that this was asked about before. In
    /// doubt, it is. Precondition: the fragment is one of this message, within the length that it claims.
    [[nodiscard]] bool whole_with(const wire::handshake_view& fragment) noexcept;

private:
    [[nodiscard]] bool agrees_with(const wire::handshake_view& fragment) const noexcept;
    [[nodiscard]] std::size_t missing_of(const wire::handshake_view& fragment) const noexcept;

    const partial_message* begun_ = nullptr;  ///< null: nothing
    std::array<wire::handshake_view, wire::max_fragments_in_record> added_;
    std::size_t count_ = 0;  ///< how many were added
    std::size_t come_ = 0;   ///< bytes of all of them together
    bool disputed_ = false;
    bool anew_ = true;  ///< nothing had come of it before the record
};

}  // namespace quivive::tls
