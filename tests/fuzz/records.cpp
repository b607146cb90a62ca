// Detached records, with connection ids (RFC 9146) and without. The records of a peer are changed, truncated,
// repeated and reordered. Exactly the records that it has sealed are opened, and each once.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "record/detached_protection.hpp"
#include "support/hello_builder.hpp"
#include "support/tamper.hpp"
#include "tls/gnutls_aead.hpp"

#include <set>

using namespace quivive;
using fuzz::hold;
using test::octets;

namespace {

constexpr std::uint64_t first_of_epoch_1 = std::uint64_t{1} << 48;

record::session_keys keys(record::cipher cipher, bool client)
{
    const record::direction_keys up{test::counting(32, 1), test::counting(12, 40)};
    const record::direction_keys down{test::counting(32, 90), test::counting(12, 7)};
    return {.cipher = cipher,
            .read = client ? down : up,
            .write = client ? up : down,
            .next_write = first_of_epoch_1 + 1,
            .window = {}};
}

/// Returns no ids, the server's, or one of each side. `server` selects the side.
std::unique_ptr<const record::connection_ids> ids(std::size_t which, bool server)
{
    if (which == 0) return nullptr;
    const octets up = test::counting(8, 0x51), down = which == 1 ? octets{} : test::counting(5, 0xc1);
    auto made = std::make_unique<record::connection_ids>();
    made->own = wire::own_connection_id{server ? up : down};
    made->peers = wire::peers_connection_id{server ? down : up};
    made->checks_paths = true;
    return made;
}

struct play {
    explicit play(fuzz::input given)
        : in{given},
          cipher{record::all_ciphers[in.below(record::all_ciphers.size())]},
          ciphers{std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 1 + in.below(3))},
          with_ids{in.below(3)},
          client{keys(cipher, true), 1'400, ciphers, ids(with_ids, false)},
          server{keys(cipher, false), 1'400, ciphers, ids(with_ids, true)}
    {
    }

    void seal()
    {
        if (in.below(16) == 15) return client.send_alert(record::alert::close_notify, path, sent);
        const auto text = in.octets(in.below(40));
        hold(client.seal(text, path, sent) == record::sealed::sent, "the client can seal");
    }

    void open()
    {
        if (sent.datagrams.empty()) return;
        auto datagram = sent.datagrams[in.below(sent.datagrams.size())];
        const octets real = datagram;
        for (auto changes = in.below(3); changes > 0; --changes) test::tamper(datagram, in);
        for (const auto& record : test::records_of(datagram, with_ids == 0 ? 0 : 8)) {
            octets plaintext(record.payload.size());
            const auto opened = server.open(record, plaintext, path, answers);
            if (opened.kind == record::opened_kind::discarded) continue;
            const octets whole{record.whole.begin(), record.whole.end()};
            hold(std::ranges::count(sent.datagrams, whole) > 0, "only sealed records are opened");
            hold(opened_before.insert(record.sequence).second, "each record is opened once");
        }
    }

    fuzz::input in;
    wire::path path;
    record::cipher cipher;
    std::shared_ptr<record::aead_cache> ciphers;
    std::size_t with_ids;
    record::detached_protection client, server;
    test::queue_outbox sent, answers;
    std::set<std::uint64_t> opened_before;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    play game{fuzz::input{data, size}};
    for (int steps = 0; steps < 300 && !game.in.done(); ++steps)
        game.in.below(3) == 0 ? game.seal() : game.open();
    return 0;
}
