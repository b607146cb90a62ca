#pragma once

#include "support/mutual_contexts.hpp"
#include "support/tls_peer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace quivive::test {

/// A server that waits for the flight of a client with a certificate, or a client that waits for the server's
/// first flight. The records of the flight can be fed in any order.
struct awaited_flight {
    explicit awaited_flight(const mutual_contexts& contexts, bool of_client = true,
                            tls::handshake_settings settings = {})
        : pair{settings, {}, contexts.server, contexts.client}
    {
        while (!pair.to_server.datagrams.empty()) pair.deliver_to_server();
        if (of_client)
            while (!pair.to_client.datagrams.empty()) pair.deliver_to_client();
        for (auto& datagram :
             std::exchange(of_client ? pair.to_server.datagrams : pair.to_client.datagrams, {}))
            for (const auto& record : records_of(datagram))
                records.emplace_back(record.whole.begin(), record.whole.end());
        to = of_client ? pair.server.get() : pair.client.get();
        out = of_client ? &pair.to_client : &pair.to_server;
    }

    tls::feed_result feed(const octets& record)
    {
        return to->feed(records_of(record).front(), pair.now, *out);
    }

    tls_pair pair;
    std::vector<octets> records;
    tls::handshake* to = nullptr;
    queue_outbox* out = nullptr;
};

inline wire::handshake_view message_of(const octets& record)
{
    wire::reader in{records_of(record).front().payload};
    return wire::read_handshake(in);
}

inline bool is_of(const octets& record, wire::handshake_type type)
{
    return record.front() == std::byte{22} && record[4] == std::byte{0} && message_of(record).type == type;
}

inline bool is_of_certificate(const octets& record)
{
    return is_of(record, wire::handshake_type::certificate);
}

/// Returns the whole body of the message of this type in the records.
inline octets message_in(const std::vector<octets>& records, wire::handshake_type type)
{
    octets body;
    for (const auto& record : records) {
        if (!is_of(record, type)) continue;
        const auto message = message_of(record);
        body.resize(message.length);
        std::ranges::copy(message.body, body.begin() + message.fragment_offset);
    }
    return body;
}

}  // namespace quivive::test
