// The record cutter and the ClientHello parser. No byte beyond the input is read, and all results are within
// it.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "wire/client_hello.hpp"

using namespace quivive;
using fuzz::hold;

namespace {

bool within(wire::bytes part, wire::bytes whole)
{
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void read(const wire::record_view& record)
{
    const auto result = wire::read_client_hello(record);
    const auto* hello = std::get_if<wire::client_hello_view>(&result);
    if (!hello) return;
    hold(record.epoch == 0 && record.is(wire::content_type::handshake), "a hello is plaintext");
    hold(hello->random.size() == 32 && hello->session_id.size() <= 32, "sizes of RFC 5246 7.4.1.2");
    hold(hello->cookie.size() <= 255, "size of RFC 6347 4.2.1");
    for (const auto part : {hello->random, hello->session_id, hello->cookie, hello->suites_and_compression,
                            hello->extensions, hello->record})
        hold(within(part, record.whole), "each view is within the record");
    hold(within(wire::alpn_protocols(*hello), hello->extensions), "ALPN within the extensions");
    hold(within(wire::as_bytes(wire::server_name(*hello)), hello->extensions), "name within the extensions");
    hold(within(wire::cipher_suites(*hello), hello->suites_and_compression), "suites within their field");
    (void)wire::offers_ticket(*hello);
    (void)wire::find_extension(*hello, record.version);
}

/// `id_size`: bytes of the receiver's connection ids.
void cut_and_read(wire::bytes datagram, std::size_t id_size)
{
    std::size_t cut = 0;
    for (wire::record_cutter cutter{datagram, id_size}; !cutter.done();) {
        const auto next = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&next);
        if (!record) {
            hold(cutter.done(), "bytes that are no record end the datagram");
            break;
        }
        hold(within(record->whole, datagram) && within(record->payload, record->whole),
             "a record is within its datagram");
        hold(within(record->connection_id, record->header()), "an id is within its header");
        hold(record->connection_id.size() == (record->is(wire::content_type::tls12_cid) ? id_size : 0),
             "an id has the receiver's size (RFC 9146 4)");
        hold(record->header().size() == wire::record_header_size + record->connection_id.size(),
             "a header has its exact size");
        hold((cut += record->whole.size()) <= datagram.size(), "no byte belongs to two records");
        read(*record);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    for (const auto id_size : {0U, 8U}) cut_and_read(fuzz::input{data, size}.rest(), id_size);
    return 0;
}
