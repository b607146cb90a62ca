#include "server/config_snapshot.hpp"

#include "config/ranges.hpp"
#include "support/catch.hpp"

using namespace quivive;

TEST_CASE("half_open_bytes_total: each of many threads gets at least the minimum for new handshakes")
{
    server_config chosen;
    chosen.listen = {{boost::asio::ip::address_v4::loopback(), 0}};
    chosen.credentials.psk = [](std::string_view) { return secret::from_hex("00112233"); };
    chosen.limits.half_open_bytes_total = config::min_half_open_bytes;
    REQUIRE(validate(chosen).empty());
    for (const std::size_t threads : {1U, 4U, 33U, 1'024U})
        CHECK(runtime::config_snapshot{chosen, threads, nullptr}.limits().half_open_bytes_total ==
              config::min_half_open_bytes);
    chosen.limits.half_open_bytes_total = 100 * config::min_half_open_bytes;
    CHECK(runtime::config_snapshot{chosen, 4, nullptr}.limits().half_open_bytes_total ==
          25 * config::min_half_open_bytes);
}
