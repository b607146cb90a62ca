#pragma once

#include "bench/micro/null_outbox.hpp"
#include "record/aead_cache.hpp"
#include "support/mutual_contexts.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quivive::bench {

/// Two contexts and the other parameters of a handshake.
struct scene {
    std::string name;
    std::optional<record::cipher>
        cipher;  ///< cipher of the reference pass; none for CBC, which GnuTLS does itself
    bool ids = false;
    std::uint16_t finished_seq = 2;  ///< message_seq of the client's last message
    bool fragments = true;           ///< whether to measure unencrypted fragments too
    test::mutual_contexts contexts;
};

/// Size of the connection ids, in scenes that use them.
inline constexpr std::size_t victims_id_size = 8;

/// State of a handshake: it has received nothing, has sent its flight, or has the keys of the Finished.
enum class stage { hello, flight_sent, final_keys };

/// A server's handshake in a given state. The `early` records arrive between its flight and the answer.
struct victim {
    victim(const scene& in, stage until, const std::vector<test::octets>& early)
        : pair{settings(in), {}, in.contexts.server, in.contexts.client}
    {
        if (in.ids) pair.servers_id_size = pair.clients_id_size = victims_id_size;
        if (until == stage::hello) return;
        pair.deliver_to_server();
        for (const auto& record : early) feed(record);
        if (until == stage::flight_sent) return;
        while (!pair.to_client.datagrams.empty()) pair.deliver_to_client();
        for (const auto& datagram : pair.to_server.datagrams)
            for (const auto& record : test::records_of(datagram, pair.servers_id_size))
                if (record.epoch == 0) (void)pair.server->feed(record, pair.now, out);
    }
    void feed(const test::octets& datagram)
    {
        for (const auto& record : test::records_of(datagram, pair.servers_id_size))
            (void)pair.server->feed(record, pair.now, out);
    }

    test::tls_pair pair;
    null_outbox out;

private:
    static tls::handshake_settings settings(const scene& in)
    {
        tls::handshake_settings chosen;
        chosen.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
        const test::octets id(victims_id_size, std::byte{7});
        if (in.ids) chosen.connection_id = wire::own_connection_id{id};
        return chosen;
    }
};

}  // namespace quivive::bench
