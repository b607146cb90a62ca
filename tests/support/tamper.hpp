#pragma once

#include "support/tls_pair.hpp"

#include <algorithm>
#include <span>

namespace quivive::test {

/// Changes a datagram once, in one of the ways that break parsers. `choices.below(n)` decides, from a
/// seed's numbers or a fuzzer's bytes. `others` are datagrams to take pieces from.
template <typename Choices>
void tamper(octets& datagram, Choices& choices, std::span<const octets> others = {})
{
    const auto byte = [&] { return static_cast<std::byte>(choices.below(256)); };
    const auto at = choices.below(std::max<std::size_t>(datagram.size(), 1));
    switch (choices.below(8)) {
        case 0:
            if (!datagram.empty()) datagram[at] ^= std::byte{1} << choices.below(8);
            break;
        case 1:
            if (!datagram.empty()) datagram[at] = byte();
            break;
        case 2:
            datagram.resize(at);
            break;
        case 3:
            datagram.resize(datagram.size() + choices.below(40), byte());
            break;
        case 4:  // most faults are in headers: of the record, and of the message in it
            if (datagram.size() > 38) datagram[choices.below(38)] = byte();
            break;
        case 5:  // the sequence number
            if (datagram.size() > 11) datagram[5 + choices.below(6)] = byte();
            break;
        case 6:  // a record twice
            if (datagram.size() < 4'096) datagram.insert(datagram.end(), datagram.begin(), datagram.end());
            break;
        default:
            if (others.empty()) break;
            const auto& other = others[choices.below(others.size())];
            if (datagram.size() + other.size() < 8'192)
                datagram.insert(datagram.end(), other.begin(), other.end());
    }
}

}  // namespace quivive::test
