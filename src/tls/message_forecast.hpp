#pragma once

#include "tls/partial_message.hpp"
#include "wire/handshake.hpp"

#include <array>
#include <cstddef>

namespace quivive::tls {

/// Predicts whether the fragments of one record complete a message, in their order and as `message_assembly`
/// would reassemble them. Copies no bytes, and changes nothing.
class message_forecast {
public:
    /// Forecast for a message of which no bytes have arrived.
    message_forecast() = default;
    /// `begun` is the part that has arrived, and must not change in the meantime. `disputed` is true when its
    /// fragments contradict each other.
    message_forecast(const partial_message& begun, bool disputed) noexcept
        : begun_{&begun}, come_{begun.size_come()}, disputed_{disputed}, anew_{false}
    {
    }

    /// Returns true when this fragment completes the message, after the fragments of the earlier calls.
    /// Returns true in uncertain cases. Precondition: the fragment belongs to this message, and lies within
    /// the length that it claims.
    [[nodiscard]] bool whole_with(const wire::handshake_view& fragment) noexcept;

private:
    [[nodiscard]] bool agrees_with(const wire::handshake_view& fragment) const noexcept;
    [[nodiscard]] std::size_t missing_of(const wire::handshake_view& fragment) const noexcept;

    const partial_message* begun_ = nullptr;  ///< null: no bytes have arrived
    std::array<wire::handshake_view, wire::max_fragments_in_record> added_;
    std::size_t count_ = 0;  ///< number of fragments added
    std::size_t come_ = 0;   ///< bytes of all added fragments together
    bool disputed_ = false;
    bool anew_ = true;  ///< no bytes had arrived before the record
};

}  // namespace quivive::tls
