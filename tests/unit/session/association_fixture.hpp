#pragma once

#include "fake_parts.hpp"
#include "session/association.hpp"
#include "support/catch.hpp"

#include <string_view>

namespace quivive::test {

inline const time_point start{std::chrono::hours{1}};

inline octets record_of(record::opened_kind kind, std::string_view text = {}, std::uint16_t epoch = 1)
{
    octets payload{static_cast<std::byte>(kind)};
    for (const char c : text) payload.push_back(static_cast<std::byte>(c));
    return make_record(wire::content_type::application_data, payload, epoch);
}

/// An association over fakes, in virtual time.
struct association_fixture {
    explicit association_fixture(quivive::limits chosen = {}) : limits{chosen} {}

    sessions::record_result feed(const octets& datagram, duration at = {})
    {
        return association.on_record(wire::first_record(datagram).value(), association.path(), start + at,
                                     out);
    }
    void begin(duration at = {}) { association.begin(std::make_unique<fake_handshake>(script), start + at); }
    void establish(duration at = {})
    {
        begin();
        script.status = tls::handshake_status::done;
        CHECK(feed(record_of(record::opened_kind::message), at).consumed);
        REQUIRE(association.is_open());
    }
    /// Calls `on_timer` at each deadline until `at`.
    void pass_until(duration at)
    {
        while (association.next_wake() <= start + at) association.on_timer(association.next_wake(), out);
    }

    quivive::limits limits;
    std::shared_ptr<sessions::message_pool> pool = std::make_shared<sessions::message_pool>(1'400);
    handshake_script script;
    queue_outbox out;
    sessions::association association{{}, std::make_shared<const quivive::limits>(limits), pool, start};
};

}  // namespace quivive::test
