#include "gate/client_data.hpp"

namespace quivive::gate {

namespace {

enum class coverage : std::uint8_t { whole = 1, without_suites = 2 };

}  // namespace

client_data::client_data(const wire::client_hello_view& hello, const wire::path& path) noexcept
{
    const auto covers = hello.suites_and_compression.empty() ? coverage::without_suites : coverage::whole;
    add_integer(static_cast<std::uint8_t>(covers), 1);
    add_endpoint(path.local);
    add_endpoint(path.peer);
    add_integer(hello.version, 2);
    add(hello.random);
    add_integer(hello.session_id.size(), 1);
    add(hello.session_id);
    add(hello.suites_and_compression);  // the last piece, and so needs no length before it
}

void client_data::add(wire::bytes piece) noexcept
{
    wire::copy(piece, std::span{data_}.subspan(size_));
    size_ += piece.size();
}

void client_data::add_integer(std::uint64_t value, std::size_t width) noexcept
{
    wire::write_integer(std::span{data_}.subspan(size_, width), value);
    size_ += width;
}

void client_data::add_endpoint(const wire::endpoint& end) noexcept
{
    add(end.address);
    add_integer(end.port, 2);
    add_integer(end.scope, 4);
}

}  // namespace quivive::gate
