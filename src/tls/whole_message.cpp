#include "tls/whole_message.hpp"

#include <algorithm>
#include <span>

namespace quivive::tls {

using wire::handshake_header_size;

whole_message::whole_message(wire::handshake_type type, std::uint16_t message_seq,
                             std::vector<std::byte> room_and_body) noexcept
    : type_{type}, seq_{message_seq}, bytes_{std::move(room_and_body)}
{
    write_header(0, length());
}

wire::bytes whole_message::next_fragment(std::size_t most) noexcept
{
    const auto offset = offset_;
    const auto size = std::min(most - handshake_header_size, length() - offset);
    write_header(offset, size);
    offset_ += size;
    done_ = offset_ == length();
    return wire::bytes{bytes_}.subspan(offset, handshake_header_size + size);
}

void whole_message::write_header(std::size_t offset, std::size_t size) noexcept
{
    const auto header = std::span{bytes_}.subspan(offset, handshake_header_size);
    header[0] = static_cast<std::byte>(type_);
    wire::write_integer(header.subspan(1, 3), length());
    wire::write_integer(header.subspan(4, 2), seq_);
    wire::write_integer(header.subspan(6, 3), offset);
    wire::write_integer(header.subspan(9, 3), size);
}

}  // namespace quivive::tls
