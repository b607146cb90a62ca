// Sessions from elsewhere: of sealed blobs only what was sealed is opened, and what is opened is read, or
// refused, and written again as it was.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "session/saved_session.hpp"
#include "support/tamper.hpp"
#include "tls/sealed_blob.hpp"

using namespace quivive;
using fuzz::hold;
using test::octets;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const secret shared{octets(32, std::byte{0x5e})};
    fuzz::input in{data, size};
    const auto changes = in.below(3);
    const octets content{in.rest().begin(), in.rest().end()};
    if (const auto saved = sessions::decode(content)) {
        const auto again = sessions::encode(*saved);
        const auto read = sessions::decode(again);
        hold(read.has_value(), "what was written is read");
        hold(sessions::encode(*read) == again, "and written as it was");
    }
    hold(!tls::open_blob(shared, content), "nobody else can seal");

    const auto blob = tls::seal_blob(shared, content, std::chrono::sys_seconds{});
    auto changed = blob;
    for (auto left = changes; left > 0; --left) test::tamper(changed, in);
    const auto opened = tls::open_blob(shared, changed);
    hold(opened.has_value() == (changed == blob), "what was sealed is opened, and nothing else");
    if (opened) hold(*opened == content, "and is what it was");
    return 0;
}
