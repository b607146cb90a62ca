// An unauthenticated record is decrypted at most once. Decryptions by quivive's cipher or by GnuTLS's session
// are counted at the calls of GnuTLS.
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"
#include "support/tls_peer.hpp"
#include "tls/gnutls_aead.hpp"

#include <gnutls/crypto.h>

#include <utility>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using tls::handshake_status;
using wire::content_type;

namespace {

unsigned decryptions = 0, handed_over = 0;  // GnuTLS decrypts one record per call of gnutls_handshake

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): names that the linker requires
extern "C" {
int __real_gnutls_aead_cipher_decrypt(gnutls_aead_cipher_hd_t, const void*, size_t, const void*, size_t,
                                      size_t, const void*, size_t, void*, size_t*);
int __wrap_gnutls_aead_cipher_decrypt(gnutls_aead_cipher_hd_t handle, const void* nonce, size_t nonce_size,
                                      const void* auth, size_t auth_size, size_t tag, const void* in,
                                      size_t in_size, void* out, size_t* out_size);
int __real_gnutls_handshake(gnutls_session_t);
int __wrap_gnutls_handshake(gnutls_session_t session);

int __wrap_gnutls_aead_cipher_decrypt(gnutls_aead_cipher_hd_t handle, const void* nonce, size_t nonce_size,
                                      const void* auth, size_t auth_size, size_t tag, const void* in,
                                      size_t in_size, void* out, size_t* out_size)
{
    ++decryptions;
    return __real_gnutls_aead_cipher_decrypt(handle, nonce, nonce_size, auth, auth_size, tag, in, in_size,
                                             out, out_size);
}

int __wrap_gnutls_handshake(gnutls_session_t session)
{
    ++handed_over;
    return __real_gnutls_handshake(session);
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

constexpr std::size_t id_size = 4;

/// Returns settings with connection ids in both directions, or without.
tls::handshake_settings settings_with(bool ids)
{
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    const octets id(id_size, std::byte{7});
    if (ids) settings.connection_id = wire::own_connection_id{id};
    return settings;
}

/// A pair before the last flight of one side, which is not yet delivered to the other side.
struct before_the_last_flight {
    before_the_last_flight(bool with_ids, bool to_server, const std::string& cipher = "AES-128-GCM")
        : ids{with_ids},
          pair{settings_with(with_ids),
               {},
               server_context_with(only_aead(cipher, with_ids)),
               client_context_with(only_aead(cipher, with_ids))},
          to{to_server ? *pair.server : *pair.client},
          out{to_server ? pair.to_client : pair.to_server}
    {
        if (ids) pair.servers_id_size = pair.clients_id_size = id_size;
        pair.deliver_to_server();
        while (!pair.to_client.datagrams.empty()) pair.deliver_to_client();
        if (!to_server)
            while (!pair.to_server.datagrams.empty()) pair.deliver_to_server();
        auto& in = to_server ? pair.to_server : pair.to_client;
        flight = joined(std::vector<octets>(in.datagrams.begin(), in.datagrams.end()));
        in.datagrams.clear();
        REQUIRE(to.status() == handshake_status::in_progress);
    }

    static tls::context_options only_aead(const std::string& cipher, bool ids)
    {
        auto options = only_cipher(cipher);
        options.connection_ids = ids;
        return options;
    }

    /// Feeds one record; returns how many records were decrypted for it.
    unsigned passes(const octets& record)
    {
        const auto view = records_of(record, ids ? id_size : 0).front();
        decryptions = handed_over = 0;
        last = to.feed(view, pair.now, out);
        return decryptions + handed_over;
    }
    /// Feeds the plaintext part of the last flight up to the ChangeCipherSpec; the Finished remains.
    void feed_up_to_finished()
    {
        for (const auto& record : records_of(flight, ids ? id_size : 0)) {
            if (record.epoch == 1) {
                finished.assign(record.whole.begin(), record.whole.end());
                continue;
            }
            CHECK(to.feed(record, pair.now, out).consumed);
        }
        REQUIRE(to.status() == handshake_status::in_progress);
        REQUIRE_FALSE(finished.empty());
    }
    /// Returns a record of the new epoch that does not verify, as a Finished or as another type.
    [[nodiscard]] octets junk(content_type type, std::size_t size, std::uint64_t sequence) const
    {
        auto record = make_record(type, octets(size, std::byte{0x5a}), 1, sequence);
        if (type == content_type::tls12_cid) {
            const octets id(id_size, std::byte{7});
            record.insert(record.begin() + 11, id.begin(), id.end());
        }
        return record;
    }
    [[nodiscard]] content_type type_of_protected() const
    {
        return ids ? content_type::tls12_cid : content_type::handshake;
    }
    /// Returns a fragment of a message after the last plaintext one.
    [[nodiscard]] octets fragment(std::uint16_t seq, std::uint32_t offset) const
    {
        const octets byte(1);
        return handshake_record({wire::handshake_type::finished, 12'000, seq, offset, byte});
    }
    void finish()
    {
        (void)to.feed(records_of(finished, ids ? id_size : 0).front(), pair.now, out);
        CHECK(to.status() == handshake_status::done);
    }

    bool ids;
    tls_pair pair;
    tls::handshake& to;
    queue_outbox& out;
    octets flight, finished;
    tls::feed_result last;
};

}  // namespace

TEST_CASE("one pass: plaintext fragments cause no second decryption of kept records")
{
    const bool ids = GENERATE(false, true), to_server = GENERATE(true, false);
    const auto size = GENERATE(as<std::size_t>{}, 40, 1'200, 16'000);
    const bool before_the_keys = GENERATE(false, true);
    CAPTURE(ids, to_server, size, before_the_keys);
    before_the_last_flight at{ids, to_server};
    const bool alerts = !ids && GENERATE(false, true);
    const auto type = alerts ? content_type::alert : at.type_of_protected();
    const auto send_junk = [&] {
        unsigned passes = 0;
        for (std::uint64_t i = 1; i <= 4; ++i) passes += at.passes(at.junk(type, size, i));
        return passes;
    };
    if (before_the_keys) CHECK(send_junk() == 0);
    at.feed_up_to_finished();
    if (!before_the_keys) CHECK(send_junk() <= (size < tls::early_bytes ? 4 : 0));
    for (std::uint16_t seq = 0; seq < 10; ++seq)
        for (std::uint32_t offset = 0; offset < 200; offset += 2)
            REQUIRE(at.passes(at.fragment(seq, offset)) == 0);
    at.finish();
}

TEST_CASE("one pass: records kept for their keys are decrypted once when the keys are available")
{
    const bool ids = GENERATE(false, true);
    CAPTURE(ids);
    before_the_last_flight at{ids, true};
    for (std::uint64_t i = 1; i <= 4; ++i) {
        CHECK(at.passes(at.junk(at.type_of_protected(), 40, i)) == 0);
        CHECK(at.last.consumed);
    }
    decryptions = handed_over = 0;
    at.feed_up_to_finished();
    constexpr unsigned in_the_clear = 2;  // ClientKeyExchange and ChangeCipherSpec
    CHECK(decryptions + handed_over == in_the_clear + 4);
    CHECK(at.passes(at.junk(at.type_of_protected(), 40, 9)) == 1);
    at.finish();
}

TEST_CASE("one pass: under the final keys a record is decrypted once, whatever its cipher and type")
{
    const auto cipher = GENERATE(as<std::string>{}, "AES-128-GCM", "CHACHA20-POLY1305", "AES-128-CCM",
                                 "AES-128-CCM-8", "AES-256-CCM-8");
    const bool ids = GENERATE(false, true);
    CAPTURE(cipher, ids);
    before_the_last_flight at{ids, true, cipher};
    at.feed_up_to_finished();
    // Application data, which the session will decrypt.
    if (!ids)
        for (std::uint64_t i = 1; i <= 6; ++i)
            CHECK(at.passes(at.junk(content_type::application_data, 1'200, i)) == 0);
    std::uint64_t sequence = 10;
    for (int i = 0; i < 20; ++i, at.pair.now += 40ms) {
        if (!ids) CHECK(at.passes(at.junk(content_type::alert, 26, sequence++)) == 1);
        for (const auto size : {40U, 48U, 49U}) {
            CHECK(at.passes(at.junk(at.type_of_protected(), size, sequence++)) <= 1);
            CHECK_FALSE(at.last.consumed);
            CHECK(at.last.reason == drop_reason::bad_record_mac);
        }
        CHECK(at.passes(at.junk(at.type_of_protected(), 16'000, sequence++)) == 0);
        CHECK_FALSE(at.last.consumed);
    }
    at.finish();
    CHECK(at.to.take_early_records().size() <= 4);
}

TEST_CASE("one pass: data that verified is not decrypted again for each failing Finished")
{
    before_the_last_flight at{false, true};
    at.feed_up_to_finished();
    (void)at.pair.client->take_protection();
    const auto data = [&](std::uint64_t sequence) {
        return at.passes(at.junk(content_type::application_data, 100, sequence));
    };
    CHECK(data(1) == 0);
    CHECK(data(2) == 0);
    // The first record of a Finished's size has no effect. One a second later ends the handshake if no data
    // verifies.
    CHECK(at.passes(at.junk(content_type::handshake, 48, 3)) == 1);
    at.pair.now += 1s;
    CHECK(at.passes(at.junk(content_type::handshake, 48, 4)) <= 1 + 2);
    CHECK(at.to.status() == handshake_status::failed);
}

TEST_CASE("one pass: a replay of an authentic record that waits for the session is not decrypted")
{
    before_the_last_flight at{true, false};
    at.feed_up_to_finished();
    const auto server = at.pair.server->take_protection();
    queue_outbox out;
    REQUIRE(server->seal(wire::as_bytes("early"), at.pair.path, out) == record::sealed::sent);
    server->send_alert(record::alert::close_notify, at.pair.path, out);
    REQUIRE(out.datagrams.size() == 2);
    for (const auto& record : out.datagrams) {
        CHECK(at.passes(record) == 1);
        CHECK(at.last.consumed);
    }
    for (int i = 0; i < 5; ++i)
        for (const auto& record : out.datagrams) {
            CHECK(at.passes(record) == 0);
            CHECK(at.last.consumed);
        }
    at.finish();
    CHECK(at.to.take_early_records().size() == 2);
}
