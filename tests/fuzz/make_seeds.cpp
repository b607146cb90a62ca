// make_seeds FOLDER CONFIG: writes the seed corpora, a folder for each target, from conversations of
// simulated worlds and from the example configuration CONFIG.
#include "support/hello_builder.hpp"
#include "support/seeded_tls.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

using namespace quivive;
using test::octets;
using test::operator+;

namespace {

std::filesystem::path root;

void write(const std::string& target, const std::string& name, const octets& bytes)
{
    std::filesystem::create_directories(root / target);
    std::ofstream out{root / target / name, std::ios::binary};
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

octets steps(std::initializer_list<std::initializer_list<int>> all)
{
    octets bytes;
    for (const auto& each : all) bytes = std::move(bytes) + test::make_octets(each);
    return bytes;
}

/// Writes datagrams of a real client, and some hellos that no client sends.
void hellos()
{
    test::world around;
    auto& client = around.connect();
    client.send("data");
    for (std::size_t i = 0; i < client.sent.size(); ++i) {
        write("hello", "client" + std::to_string(i), client.sent[i]);
        if (i < 2) write("gate", "client" + std::to_string(i), octets(2) + client.sent[i]);
    }
    test::world with_ids;
    with_ids.use_ids();
    auto& mobile = with_ids.connect();
    mobile.send("data");
    write("hello", "with-id", mobile.sent.back());
    write("gate", "offers-id", octets(2) + mobile.sent.front());
    test::hello_builder odd;
    odd.session_id = test::counting(32);
    odd.extensions = test::make_server_name("localhost");
    odd.suites = test::counting(100);
    for (const auto size : {60, 70, 120, 1'000}) {
        const auto record = odd.fragment(0, static_cast<std::size_t>(size));
        write("hello", "fragment" + std::to_string(size), record);
        write("gate", "fragment" + std::to_string(size), octets(2) + record);
    }
}

/// Writes steps of dispatcher.cpp: client, act and choices.
void dispatchers()
{
    for (const int policy : {0, 2, 3})
        for (const int detached : {0, 1}) {
            const auto name = "policy" + std::to_string(policy) + (detached ? "d" : "a");
            const auto start = steps({{policy, detached}, {0, 0, 0}, {0, 7}});
            write("dispatcher", name + "-talk",
                  start + steps({{0, 0, 1},
                                 {0, 7},
                                 {0, 5, 4},
                                 {0, 5, 2},
                                 {0, 7},
                                 {0, 6, 1, 2, 0},
                                 {0, 0, 2},
                                 {0, 7}}));
            write("dispatcher", name + "-again",
                  start + steps({{0, 0, 0},
                                 {0, 1, 0, 1},
                                 {0, 2, 1, 0},
                                 {0, 4, 2},
                                 {0, 7},
                                 {1, 0, 0},
                                 {1, 7},
                                 {0, 4, 4}}));
            write("dispatcher", name + "-offer",
                  steps({{policy, detached}, {0, 5, 5, 1}, {0, 0, 0}, {0, 7}, {0, 5, 0}, {0, 7}}));
        }
}

/// Writes hellos of an unknown peer in two datagrams. The flight for the second one is too long.
void invented_hellos()
{
    const int whole = 0, first = 1, rest = 2, followed = 4;
    int count = 0;
    for (const auto& [one, other] :
         {std::pair{followed, whole}, {first, rest}, {first, whole}, {whole, whole}})
        for (const int answer : {0, 1})  // accept, offer
            write("dispatcher", "hellos" + std::to_string(count++),
                  steps({{2, 0},
                         {0, 5, 5, answer},
                         {0, 9, 0, 65, one, 0},
                         {0, 5, 0},
                         {0, 9, 0, 65, other, 0},
                         {0, 4, 3}}));
}

/// Writes conversations with ids. `features` are those of dispatcher.cpp.
void movers()
{
    for (const int policy : {0, 2, 3})
        for (const int features : {2, 6, 10}) {
            const auto name = "policy" + std::to_string(policy) + "i" + std::to_string(features);
            const auto start = steps({{policy, features}, {0, 0, 0}, {0, 7}});
            const auto move = steps({{0, 8, 1, 1}, {0, 0, 1}, {0, 1, 0, 1}});
            auto say = octets{};
            for (int i = 0; i < 8; ++i) say = std::move(say) + steps({{0, 5, 2}});
            write("dispatcher", name + "-moves", start + move + say + steps({{0, 7}, {0, 5, 4}, {0, 7}}));
            write("dispatcher", name + "-lost",
                  start + move + say + steps({{0, 2, 1, 0}, {0, 4, 1}, {0, 4, 3}, {0, 7}}));
            write("dispatcher", name + "-copied",
                  start + steps({{0, 0, 1}, {0, 6, 2, 3, 0}, {0, 1, 0, 1}, {0, 6, 2, 3, 0}}) + say +
                      steps({{0, 7}}));
            write("dispatcher", name + "-handed",
                  start + move + steps({{0, 5, 6}, {0, 5, 7}}) + say +
                      steps({{0, 7}, {0, 0, 1}, {0, 7}, {0, 5, 4}}));
            write("dispatcher", name + "-early",
                  steps({{policy, features},
                         {0, 0, 0},
                         {0, 1, 0, 1},
                         {0, 2, 1, 0},
                         {0, 1, 0, 1},
                         {0, 8, 1, 0},
                         {0, 2, 1, 0},
                         {0, 7}}));
        }
}

void handshakes()
{
    for (const int mtu : {0, 1})
        for (const int features : {0, 1, 6, 14, 22, 5}) {
            auto bytes = test::make_octets({mtu, 3, features});
            for (int i = 0; i < 12; ++i) bytes = std::move(bytes) + test::make_octets({i & 1, 4, i});
            write("handshake", "order" + std::to_string(mtu) + "-" + std::to_string(features), bytes);
            for (int i = 0; i < 12; ++i)
                bytes = std::move(bytes) + test::make_octets({i & 1, 5, i, 1, i, 7, 3});
            write("handshake", "tampered" + std::to_string(mtu) + "-" + std::to_string(features), bytes);
        }
}

void records()
{
    for (int cipher = 0; cipher < 7; ++cipher)
        write("records", "cipher" + std::to_string(cipher),
              test::make_octets({cipher, 1, cipher % 3}) + steps({{0, 0, 3, 'a', 'b', 'c'},
                                                                  {1, 0, 0},
                                                                  {1, 0, 0},
                                                                  {0, 0, 1, 'd'},
                                                                  {1, 1, 1, 0, 1, 1},
                                                                  {1, 1, 0},
                                                                  {0, 15},
                                                                  {1, 2, 0}}));
}

/// Writes a session of a simulated world, with an id and without.
void blobs()
{
    for (const bool ids : {false, true}) {
        test::world around{{},
                           {},
                           test::any_server_context(),
                           test::any_client_context(),
                           std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4)};
        if (ids) around.use_ids({.enabled = true}, 4);
        auto& client = around.connect();
        client.send("unread");
        around.settle();
        auto saved = around.server->save(*around.session_of(client), around.now).value();
        saved.facts.cipher_suite = "(DTLS1.2)-(PSK)-(AES-128-GCM)";
        for (const int changes : {0, 1, 2})
            write("blob", (ids ? "ids" : "plain") + std::to_string(changes),
                  test::make_octets({changes}) + sessions::encode(saved));
    }
}

void configurations(const std::filesystem::path& example)
{
    std::ifstream in{example};
    octets all, table;
    int count = 0;
    const auto flush = [&] {
        if (!table.empty()) write("config", "table" + std::to_string(count++), table);
        table.clear();
    };
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# ") || line.empty()) continue;  // prose
        if (line.starts_with("#")) line.erase(0, 1);
        line = line.substr(0, line.find(" #"));
        if (line.starts_with("[")) flush();
        line += '\n';
        const auto bytes = wire::as_bytes(line);
        table.insert(table.end(), bytes.begin(), bytes.end());
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    flush();
    write("config", "all", all);
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 3) return 2;
    root = arguments[1];
    test::seed_tls_random(1);
    hellos();
    dispatchers();
    invented_hellos();
    movers();
    handshakes();
    records();
    blobs();
    configurations(arguments[2]);
    return 0;
}
