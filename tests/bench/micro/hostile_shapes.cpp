#include "bench/micro/hostile_shapes.hpp"

#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"

namespace quivive::bench {

using test::octets;
using wire::content_type;

namespace {

constexpr std::uint32_t message_size = 30'000;

octets junk(content_type type, std::size_t size, std::uint64_t sequence)
{
    auto record = test::make_record(type, octets(size, std::byte{0x5a}), 1, sequence);
    const octets id(victims_id_size, std::byte{7});
    if (type == content_type::tls12_cid) record.insert(record.begin() + 11, id.begin(), id.end());
    return record;
}

void add_fragments(std::vector<shape>& shapes, stage at, const std::string& where, std::uint16_t seq)
{
    const auto type =
        at == stage::hello ? wire::handshake_type::client_hello : wire::handshake_type::certificate;
    constexpr std::size_t many = message_size / 2 - 1;
    const auto add = [&](const std::string& name, std::size_t count,
                         std::function<std::size_t(std::size_t)> offset) {
        shapes.push_back({where + " fragments of a byte " + name, at, 0, count,
                          [=](std::size_t i) { return hostile_fragment(seq, offset(i), type); }});
    };
    add("forwards", many, [](std::size_t i) { return i; });
    add("backwards", many, [](std::size_t i) { return message_size - 1 - i; });
    add("every other", many, [](std::size_t i) { return 2 * i; });
    add("every other backwards", many, [](std::size_t i) { return message_size - 1 - 2 * i; });
    add("the same", 1'000, [](std::size_t) { return 7; });
    for (const std::size_t size : {1'200U, 16'000U})
        shapes.push_back({where + " the same fragment of " + std::to_string(size), at, 0, 1'000,
                          [=](std::size_t) { return hostile_fragment(seq, 7, type, size); }});
}

/// Adds records sealed under keys that the peer does not have.
void add_sealed(std::vector<shape>& shapes, stage at, const std::string& where, std::size_t size, bool ids)
{
    const auto add = [&](const std::string& name, content_type type) {
        shapes.push_back({where + name + " of " + std::to_string(size), at, size, 1'000,
                          [=](std::size_t i) { return junk(type, size, i + 1); }});
    };
    add("messages", ids ? content_type::tls12_cid : content_type::handshake);
    add("data", content_type::application_data);
    add("alerts", content_type::alert);
    // The server keeps the first one and compares each later one with it.
    shapes.push_back({where + "the same data of " + std::to_string(size), at, size, 1'000,
                      [=](std::size_t) { return junk(content_type::application_data, size, 7); }});
}

/// The shape of a past fault: the server decrypted the kept records again for each fragment.
shape beside_reorder_buffer(const scene& in, std::size_t size)
{
    shape made{"final: fragments beside kept records of " + std::to_string(size), stage::final_keys, 0, 1'000,
               [seq = in.finished_seq](std::size_t i) {
                   return hostile_fragment(seq, 2 * i, wire::handshake_type::finished);
               }};
    for (std::uint64_t i = 0; i < 4; ++i)
        made.before.push_back(junk(in.ids ? content_type::tls12_cid : content_type::alert, size, i));
    return made;
}

}  // namespace

octets hostile_fragment(std::uint16_t seq, std::size_t offset, wire::handshake_type type, std::size_t size)
{
    const octets body(size);
    return test::handshake_record({type, message_size, seq, static_cast<std::uint32_t>(offset), body});
}

std::vector<shape> shapes_of(const scene& in)
{
    std::vector<shape> shapes;
    if (in.fragments) {
        add_fragments(shapes, stage::hello, "hello:", 0);
        add_fragments(shapes, stage::flight_sent, "next:", 1);
        add_fragments(shapes, stage::flight_sent, "ahead:", 6);
        add_fragments(shapes, stage::final_keys, "final:", in.finished_seq);
        for (const std::size_t size : {48U, 1'200U, 16'000U})
            shapes.push_back(beside_reorder_buffer(in, size));
    }
    for (const std::size_t size : {48U, 500U, 1'200U, 8'000U, 16'000U}) {
        add_sealed(shapes, stage::flight_sent, "early: ", size, in.ids);
        add_sealed(shapes, stage::final_keys, "final: ", size, in.ids);
    }
    return shapes;
}

}  // namespace quivive::bench
