// Retransmissions to peers that keep no early records and take no sequence number twice. RFC 6347 4.1.2.6 and
// 4.2.2 allow that, and some peers do so. Such a peer never takes a retransmission of the same record.
#include "support/catch.hpp"
#include "support/resuming_client.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include "session/association.hpp"
#include "wire/handshake.hpp"

#include <algorithm>
#include <set>
#include <tuple>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

/// A record without its sequence number: epoch, type, and the message_seq of a plaintext message.
using mark = std::tuple<unsigned, wire::content_type, unsigned>;

mark mark_of_record(const wire::record_view& record)
{
    wire::reader in{record.payload};
    const bool message = record.epoch == 0 && record.is(wire::content_type::handshake);
    return {record.epoch, record.type, message ? wire::read_handshake(in).message_seq : 0U};
}

/// Decides which records the strict end takes: in the order of an undisturbed handshake, and no sequence
/// number twice.
class strict_reader {
public:
    explicit strict_reader(std::vector<mark> order) : order_{std::move(order)} {}

    bool takes(const wire::record_view& record)
    {
        if (!seen_.insert(record.number()).second) return false;
        const auto place = std::ranges::find(order_, mark_of_record(record)) - order_.begin();
        if (place > next_) return false;
        if (place == next_) ++next_;
        return true;
    }

private:
    std::vector<mark> order_;
    std::ptrdiff_t next_ = 0;
    std::set<std::uint64_t> seen_;
};

struct wishes {
    bool detached = true;
    std::size_t clients_id_size = 0, servers_id_size = 0;  ///< both 0: no connection ids
    std::string cipher = "AES-128-GCM";                    ///< as GnuTLS names it
    bool resumed = false;

    [[nodiscard]] tls::context_options options() const
    {
        auto all = only_cipher(cipher);
        all.connection_ids = clients_id_size + servers_id_size > 0;
        return all;
    }
    [[nodiscard]] tls::handshake_settings settings(std::size_t id_size) const
    {
        tls::handshake_settings all;
        if (detached) all.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
        if (options().connection_ids)
            all.connection_id = wire::own_connection_id{octets(id_size, std::byte{0xab})};
        return all;
    }
};

/// An end of the pair and the records it has sent.
struct end_of_pair {
    end_of_pair() : association{{}, std::make_shared<const limits>(), pool, time_point{1h}} {}

    std::shared_ptr<sessions::message_pool> pool = std::make_shared<sessions::message_pool>(10'000);
    queue_outbox out;
    sessions::association association;
    std::vector<mark> taken;          ///< marks of its records that the peer took
    std::vector<std::uint64_t> used;  ///< sequence numbers of its protected records
    std::optional<strict_reader> reader;
    std::size_t id_size = 0;
};

/// A client and a server of quivive in virtual time.
class strict_pair {
public:
    strict_pair(const wishes& wanted, const std::shared_ptr<const tls::context>& server_context,
                const std::shared_ptr<const tls::context>& client_context)
    {
        client.id_size = wanted.clients_id_size;
        server.id_size = wanted.servers_id_size;
        const wire::path path;
        client.association.begin(tls::make_client_handshake(client_context, wanted.settings(client.id_size),
                                                            path, now, client.out),
                                 now);
        server.association.begin(
            tls::make_server_handshake(server_context, wanted.settings(server.id_size), {}, path), now);
    }
    /// Makes both ends strict, with the order of records of a handshake without losses.
    void be_strict(const strict_pair& undisturbed)
    {
        server.reader.emplace(undisturbed.client.taken);
        client.reader.emplace(undisturbed.server.taken);
    }
    /// Runs the handshake without the record number `lost` of all; with a negative number no record is lost.
    void run(int lost)
    {
        const auto deadline = now + 20s;
        for (settle(lost); !done() && now < deadline; settle(lost)) {
            now = std::min(client.association.next_wake(), server.association.next_wake());
            for (auto* const one : {&client, &server})
                if (one->association.next_wake() <= now) one->association.on_timer(now, one->out);
        }
    }
    [[nodiscard]] bool done() const { return client.association.is_open() && server.association.is_open(); }
    [[nodiscard]] bool echoes()
    {
        for (auto [from, to] : {std::pair{&client, &server}, std::pair{&server, &client}}) {
            if (from->association.send(wire::as_bytes("hello"), start, from->out) != record::sealed::sent)
                return false;
            settle(-1);
            auto& queue = to->association.messages();
            if (queue.empty() || wire::as_text(queue.pop()->bytes()) != "hello") return false;
        }
        return true;
    }

    time_point now{1h};
    end_of_pair client, server;
    int records = 0;

private:
    void settle(int lost)
    {
        while (!client.out.datagrams.empty() || !server.out.datagrams.empty()) {
            deliver(client, server, lost);
            deliver(server, client, lost);
        }
    }
    void deliver(end_of_pair& from, end_of_pair& to, int lost)
    {
        for (const auto& datagram : std::exchange(from.out.datagrams, {}))
            for (const auto& record : records_of(datagram, to.id_size)) {
                if (record.epoch == 1) from.used.push_back(record.sequence);
                if (records++ == lost) continue;
                if (to.reader && !done() && !to.reader->takes(record)) continue;
                from.taken.push_back(mark_of_record(record));
                (void)to.association.on_record(record, to.association.path(), now, to.out);
            }
    }
};

bool has_no_number_twice(std::vector<std::uint64_t> numbers)
{
    std::ranges::sort(numbers);
    return std::ranges::adjacent_find(numbers) == numbers.end();
}

void check_each_loss(const wishes& wanted)
{
    const auto server = server_context_with(wanted.options());
    const auto client = std::make_shared<resuming_client>(wanted.options());
    if (wanted.resumed) {
        tls_pair full{{}, {}, server, client};
        full.finish();
        REQUIRE(full.both_done());
        client->keep();
    }
    strict_pair undisturbed{wanted, server, client};
    undisturbed.run(-1);
    REQUIRE(undisturbed.done());
    REQUIRE(undisturbed.server.association.take_facts()->resumed == wanted.resumed);
    for (int lost = 0; lost < undisturbed.records; ++lost) {
        CAPTURE(lost);
        strict_pair pair{wanted, server, client};
        pair.be_strict(undisturbed);
        pair.run(lost);
        REQUIRE(pair.done());
        CHECK(pair.echoes());
        CHECK(has_no_number_twice(pair.client.used));
        CHECK(has_no_number_twice(pair.server.used));
    }
}

}  // namespace

TEST_CASE(
    "RFC 6347 4.2.2: a strict peer finishes after any lost record, since retransmissions have new numbers")
{
    const bool resumed = GENERATE(false, true);
    CAPTURE(resumed);
    SECTION("detached")
    {
        const std::string cipher = GENERATE("AES-128-GCM", "AES-256-CCM-8", "CHACHA20-POLY1305");
        CAPTURE(cipher);
        check_each_loss({.cipher = cipher, .resumed = resumed});
    }
    SECTION("detached, with connection ids")
    {
        check_each_loss({.clients_id_size = 4, .servers_id_size = 8, .resumed = resumed});
        check_each_loss({.servers_id_size = 8, .resumed = resumed});
    }
    SECTION("attached")
    {
        const std::string cipher = GENERATE("AES-128-GCM", "AES-256-CCM-8", "CHACHA20-POLY1305");
        CAPTURE(cipher);
        check_each_loss({.detached = false, .cipher = cipher, .resumed = resumed});
    }
    SECTION("CBC suites, the MAC inside or outside (RFC 7366)")
    {
        const std::string cipher =
            GENERATE("AES-128-CBC", "AES-256-CBC:-MAC-ALL:+SHA1:%NO_ETM",
                     "AES-256-CBC:-MAC-ALL:+SHA384:%NO_ETM", "CAMELLIA-128-CBC:-MAC-ALL:+SHA256",
                     "3DES-CBC:-MAC-ALL:+SHA1", "AES-128-CBC:-VERS-ALL:+VERS-DTLS1.0");
        CAPTURE(cipher);
        check_each_loss({.cipher = cipher, .resumed = resumed});
    }
}
