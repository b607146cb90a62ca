// Cost of sealing and of opening one detached record, by cipher and size.
#include "bench/micro/harness.hpp"
#include "record/detached_protection.hpp"
#include "tls/gnutls_aead.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace quivive::bench {

namespace {

using record::cipher, record::detached_protection;
using octets = std::vector<std::byte>;

struct keeping_outbox final : wire::outbox {
    octets last;
    void send(const wire::path&, wire::bytes datagram) noexcept override
    {
        last.assign(datagram.begin(), datagram.end());
    }
};

record::session_keys keys_for(cipher which)
{
    const octets key(32, std::byte{7}), iv(12, std::byte{9});
    return {which, {key, iv}, {key, iv}, wire::max_record_plaintext, std::uint64_t{1} << 48, {}};
}

struct ends {
    explicit ends(cipher which)
        : ciphers{std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4)},
          writer{keys_for(which), 1'400, ciphers},
          reader{std::make_unique<detached_protection>(keys_for(which), 1'400, ciphers)}
    {
    }
    std::shared_ptr<record::aead_cache> ciphers;
    detached_protection writer;
    std::unique_ptr<detached_protection> reader;
};

work seal(cipher which, std::size_t size)
{
    return [which, size](std::size_t times) {
        ends both{which};
        keeping_outbox out;
        const octets message(size, std::byte{1});
        return repeat([&] { keep(both.writer.seal(message, {}, out)); })(times);
    };
}

/// Seals alternately in two sessions with a cache for one cipher, so that each record makes the cipher anew,
/// as after a silence.
work seal_unready(cipher which, std::size_t size)
{
    return [which, size](std::size_t times) {
        const auto one_place = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 1);
        detached_protection one{keys_for(which), 1'400, one_place}, other{keys_for(which), 1'400, one_place};
        keeping_outbox out;
        const octets message(size, std::byte{1});
        bool turn = false;
        return repeat([&] { keep(((turn = !turn) ? one : other).seal(message, {}, out)); })(times);
    };
}

/// Opens each record only once: the second time is a replay, which is dropped without decryption.
work open(cipher which, std::size_t size)
{
    return [which, size](std::size_t times) {
        ends both{which};
        keeping_outbox out;
        const octets message(size, std::byte{1});
        octets plaintext(2'048);
        std::vector<octets> records(64);
        std::chrono::nanoseconds took{0};
        for (std::size_t done = 0; done < times;) {
            const auto some = std::min(times - done, records.size());
            for (std::size_t i = 0; i < some; ++i) {
                (void)both.writer.seal(message, {}, out);
                records[i] = out.last;
            }
            std::size_t good = 0;
            const auto begin = cpu_now();
            for (std::size_t i = 0; i < some; ++i) {
                const auto record = wire::first_record(records[i]);
                good += both.reader->open(*record, plaintext, {}, out).kind == record::opened_kind::message;
            }
            took += cpu_now() - begin;
            if (good != some) throw std::logic_error{"a record was not opened"};
            done += some;
        }
        return took;
    };
}

const char* name_of(cipher which)
{
    switch (which) {
        case cipher::aes_128_gcm:
            return "AES-128-GCM";
        case cipher::aes_256_gcm:
            return "AES-256-GCM";
        case cipher::aes_128_ccm:
            return "AES-128-CCM";
        case cipher::aes_256_ccm:
            return "AES-256-CCM";
        case cipher::aes_128_ccm_8:
            return "AES-128-CCM-8";
        case cipher::aes_256_ccm_8:
            return "AES-256-CCM-8";
        case cipher::chacha20_poly1305:
            break;
    }
    return "CHACHA20-POLY1305";
}

}  // namespace

void measure_records(harness& with)
{
    for (const auto which : record::all_ciphers) {
        with.measure("record/seal, no cipher ready " + std::string{name_of(which)} + " 64",
                     seal_unready(which, 64));
        for (const std::size_t size : {std::size_t{64}, std::size_t{256}, std::size_t{1'200}}) {
            const auto name = std::string{name_of(which)} + " " + std::to_string(size);
            with.measure("record/seal " + name, seal(which, size));
            with.measure("record/open " + name, open(which, size));
        }
    }
}

}  // namespace quivive::bench
