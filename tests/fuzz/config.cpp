// The configuration loader: any text is a configuration, or is refused with problems that name their place.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "quivive/config_file.hpp"
#include "quivive/error.hpp"

using namespace quivive;
using fuzz::hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = wire::as_text(fuzz::input{data, size}.rest());
    try {
        const auto file = parse_config(text, "fuzz.toml");
        hold(!file.settings.empty(), "a configuration has settings");
        for (const auto& each : file.settings)
            hold(!each.key.empty() && !each.origin.empty(), "every setting has a key and an origin");
    } catch (const config_error& error) {
        hold(!error.problems().empty(), "a refusal has problems");
        for (const auto& each : error.problems())
            hold(each.starts_with("fuzz.toml:"), "every problem names its place");
    }
    return 0;
}
