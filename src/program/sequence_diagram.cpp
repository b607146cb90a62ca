#include "program/sequence_diagram.hpp"

#include "quivive/server_config.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quivive::program {
namespace {

constexpr std::size_t peer_columns = 21;  // 255.255.255.255:65535
constexpr std::size_t arrow_columns =
    68;  // "ServerHello, Certificate, ServerKeyExchange, ServerHelloDone" and a short arrow
constexpr std::size_t min_shaft = 2;

/// A ClientHello after a longer silence starts a new handshake (default of `limits::handshake_timeout`).
constexpr std::chrono::seconds longest_silence{60};

[[nodiscard]] std::string milliseconds(std::chrono::steady_clock::duration time)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%9.3f ms",
                  std::chrono::duration<double, std::milli>{time}.count());
    return text.data();
}

/// Returns "Finished ────▶" or "◀──── Finished", at least `columns` wide. `text` must be ASCII.
[[nodiscard]] std::string arrow(std::string_view text, bool to_server, std::size_t columns)
{
    const std::size_t shaft = std::max(min_shaft, columns - std::min(columns, text.size() + 2));
    std::string line;
    for (std::size_t i = 0; i < shaft; ++i) line += "─";
    if (to_server) return std::string{text} + ' ' + line + "▶";
    return "◀" + line + ' ' + std::string{text};
}

[[nodiscard]] std::string_view word(trace_kind end)
{
    switch (end) {
        case trace_kind::established:
            return "established";
        case trace_kind::failed:
            return "failed";
        case trace_kind::moved:
            return "moved here from";
        default:
            return "closed";
    }
}

}  // namespace

sequence_diagram::sequence_diagram(side ours, line_sink out, std::size_t max_peers)
    : ours_{ours}, out_{std::move(out)}, max_peers_{std::max<std::size_t>(max_peers, 1)}
{
}

void sequence_diagram::note(const trace_event& event)
{
    const std::lock_guard lock{mutex_};
    if (is_stray_alert(event)) return;
    auto& which = find_or_begin(event);
    which.last = event.when;

    switch (event.kind) {
        case trace_kind::received:
        case trace_kind::sent:
            write_message(which, event);
            return;
        case trace_kind::established:
        case trace_kind::failed:
        case trace_kind::closed:
        case trace_kind::moved:
            which.over = true;
            write_end(which, event);
            return;
    }
}

/// Returns whether the event is an alert of an unknown peer, for example a close_notify after the session
/// ended.
bool sequence_diagram::is_stray_alert(const trace_event& event) const
{
    return event.kind == trace_kind::received && event.text.starts_with("Alert") &&
           !by_name_.contains({event.peer, event.local});
}

sequence_diagram::exchange& sequence_diagram::find_or_begin(const trace_event& event)
{
    const peer_name name{event.peer, event.local};
    if (const auto known = by_name_.find(name); known != by_name_.end()) {
        exchanges_.splice(exchanges_.end(), exchanges_, known->second);
        auto& which = exchanges_.back();
        const bool hello = event.kind == trace_kind::received && event.text.starts_with("ClientHello");
        if (hello && (which.over || event.when - which.last > longest_silence)) begin(which, event);
        return which;
    }

    if (exchanges_.size() == max_peers_) remove_quietest();
    exchanges_.push_back({name, {}, {}, false});
    by_name_.emplace(name, std::prev(exchanges_.end()));
    begin(exchanges_.back(), event);
    return exchanges_.back();
}

void sequence_diagram::begin(exchange& which, const trace_event& event)
{
    which.begin = which.last = event.when;
    which.over = false;
    const auto& client = ours_ == side::client ? event.local : event.peer;
    const auto& server = ours_ == side::client ? event.peer : event.local;
    write(which, "┌", " client " + to_string(client) + ", server " + to_string(server));
}

void sequence_diagram::remove_quietest()
{
    by_name_.erase(exchanges_.front().name);
    exchanges_.pop_front();
}

void sequence_diagram::write_message(const exchange& which, const trace_event& event)
{
    const bool to_server = (event.kind == trace_kind::received) == (ours_ == side::server);
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%7zu B", event.bytes);
    write(which, "│",
          milliseconds(event.when - which.begin) + "  " + arrow(event.text, to_server, arrow_columns) +
              size.data());
}

void sequence_diagram::write_end(const exchange& which, const trace_event& event)
{
    const auto* const rail = event.kind == trace_kind::established ? "├" : "└";
    std::string rest = milliseconds(event.when - which.begin) + "  " + std::string{word(event.kind)};
    if (!event.text.empty()) rest.append(": ").append(event.text);
    write(which, rail, rest);
}

void sequence_diagram::write(const exchange& which, std::string_view rail, std::string_view rest)
{
    std::string line = to_string(which.name.first);
    line.resize(std::max(line.size(), peer_columns), ' ');
    line.append("  ").append(rail).append(rest);
    out_(line);
}

}  // namespace quivive::program
