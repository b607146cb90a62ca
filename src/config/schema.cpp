#include "config/schema.hpp"

#include "config/ranges.hpp"

#include <algorithm>
#include <type_traits>

namespace quivive::config {

namespace {

// Returns the struct `Part` of a configuration file. `at` is the index of a struct in an array.
template <typename Part, typename File>
auto& part_of(File& file, [[maybe_unused]] std::size_t at)
{
    if constexpr (std::is_same_v<Part, config_file>)
        return file;
    else if constexpr (std::is_same_v<Part, server_config>)
        return file.server;
    else if constexpr (std::is_same_v<Part, server_credentials>)
        return file.server.credentials;
    else if constexpr (std::is_same_v<Part, cookie_policy>)
        return file.server.cookies;
    else if constexpr (std::is_same_v<Part, load_marks>)
        return file.server.cookies.adaptive;
    else if constexpr (std::is_same_v<Part, limits>)
        return file.server.limits;
    else if constexpr (std::is_same_v<Part, connection_id_policy>)
        return file.server.connection_ids;
    else if constexpr (std::is_same_v<Part, cookie_rule>)
        return file.server.cookies.rules[at];
    else if constexpr (std::is_same_v<Part, move_rule>)
        return file.server.connection_ids.rules[at];
    else
        return file.forward[at];
}

template <typename T, typename Part>
key entry(std::string name, format<T> form, T Part::*member)
{
    const auto read = [member, read = form.read](config_file& file, std::size_t at, const value& value,
                                                 const reading& reading) {
        auto taken = read(value, reading);
        if (taken) part_of<Part>(file, at).*member = std::move(*taken);
        return taken.has_value();
    };
    const auto write = [member, write = form.write](const config_file& file, std::size_t at) {
        return write(part_of<Part>(file, at).*member);
    };
    return {std::move(name), std::move(form.expects), read, write};
}

// Returns a key for a member of `certificate`, which is created when certificate or key is given.
key certificate_entry(std::string name, std::string certificate::*member)
{
    auto form = path();
    const auto read = [member, read = form.read](config_file& file, std::size_t, const value& value,
                                                 const reading& reading) {
        const auto taken = read(value, reading);
        auto& held = file.server.credentials.certificate;
        if (taken && !taken->empty()) (held ? *held : held.emplace()).*member = *taken;
        return taken.has_value();
    };
    const auto write = [member, write = form.write](const config_file& file, std::size_t) {
        const auto& held = file.server.credentials.certificate;
        return write(held ? (*held).*member : std::string{});
    };
    return {std::move(name), std::move(form.expects), read, write};
}

format<cookie_exchange> exchange()
{
    std::vector<choice<cookie_exchange>> choices;
    for (const auto each :
         {cookie_exchange::always, cookie_exchange::never, cookie_exchange::adaptive, cookie_exchange::drop})
        choices.push_back({to_string(each), each});
    return one_of(std::move(choices));
}

format<move_policy> moves()
{
    std::vector<choice<move_policy>> choices;
    for (const auto each : {move_policy::limited, move_policy::sustained, move_policy::trusted})
        choices.push_back({to_string(each), each});
    return one_of(std::move(choices));
}

format<client_certificates> client_auth()
{
    return one_of<client_certificates>({{"ignore", client_certificates::ignore},
                                        {"request", client_certificates::request},
                                        {"require", client_certificates::require}});
}

format<credential_preference> preference()
{
    return one_of<credential_preference>({{"client", credential_preference::client},
                                          {"certificate", credential_preference::certificate},
                                          {"psk", credential_preference::psk}});
}

format<log_level> level()
{
    return one_of<log_level>({{"debug", log_level::debug},
                              {"info", log_level::info},
                              {"warning", log_level::warning},
                              {"error", log_level::error}});
}

format<record_layer> layer()
{
    std::vector<choice<record_layer>> choices;
    for (const auto each : {record_layer::detached, record_layer::attached})
        choices.push_back({to_string(each), each});
    return one_of(std::move(choices));
}

format<requirement> requirements()
{
    std::vector<choice<requirement>> choices;
    for (const auto each : {requirement::optional, requirement::required})
        choices.push_back({to_string(each), each});
    return one_of(std::move(choices));
}

using keys = std::vector<key>;

void append(keys& all, keys more) { std::ranges::move(more, std::back_inserter(all)); }

keys server_keys()
{
    using of = server_config;
    return {
        entry("listen", addresses(), &of::listen),
        entry("threads", count(threads_range), &of::threads),
        entry("handshake_threads", count(handshake_threads_range), &of::handshake_threads),
        entry("dtls10", flag(), &of::dtls_1_0),
        entry("extended_master_secret", requirements(), &of::extended_master_secret),
        entry("secure_renegotiation", requirements(), &of::secure_renegotiation),
        entry("alpn", protocols(), &of::alpn),
        entry("alpn_required", flag(), &of::alpn_required),
        entry("priority", text(), &of::priority),
        entry("mtu", size(mtu_range), &of::mtu),
        entry("handshake_mtu", size(mtu_range), &of::handshake_mtu),
        entry("record_layer", layer(), &of::record_layer),
        entry("state", path(), &of::state),
        entry("shared_networks", networks(), &of::shared_networks),
        entry("receive_buffer", size(socket_buffer_range), &of::receive_buffer_bytes),
        entry("send_buffer", size(socket_buffer_range), &of::send_buffer_bytes),
        entry("dumpable", flag(), &config_file::dumpable),
    };
}

keys credential_keys()
{
    using of = server_credentials;
    return {
        certificate_entry("credentials.certificate", &certificate::chain_file),
        certificate_entry("credentials.key", &certificate::key_file),
        entry("credentials.psk_file", path(), &of::psk_file),
        entry("credentials.prefer", preference(), &of::prefer),
        entry("credentials.client_auth", client_auth(), &of::client_auth),
        entry("credentials.client_ca", path(), &of::client_ca_file),
        entry("credentials.client_auth_with_psk", flag(), &of::client_auth_with_psk),
        entry("credentials.tickets", flag(), &of::tickets),
        entry("credentials.ticket_lifetime", duration(ticket_lifetime_range), &of::ticket_lifetime),
        entry("credentials.self_signed", flag(), &of::self_signed_if_none),
    };
}

keys cookie_keys()
{
    using of = cookie_policy;
    return {
        entry("cookies.exchange", exchange(), &of::exchange),
        entry("cookies.trust_all_networks", flag(), &of::trust_all_networks),
        entry("cookies.rotate_every", duration(rotate_range), &of::rotate_every),
        entry("cookies.secret_file", path(), &of::secret_file),
        entry("cookies.rule[].networks", networks(), &cookie_rule::networks),
        entry("cookies.rule[].exchange", exchange(), &cookie_rule::exchange),
    };
}

keys adaptive_keys()
{
    using of = load_marks;
    const std::string table = "cookies.adaptive.";
    return {
        entry(table + "half_open_high", count(any_count), &of::half_open_high),
        entry(table + "half_open_low", count(any_count), &of::half_open_low),
        entry(table + "hellos_per_second_high", count(any_count), &of::hellos_per_second_high),
        entry(table + "hellos_per_second_low", count(any_count), &of::hellos_per_second_low),
        entry(table + "handshake_cpu_high", percent(percent_mark_range), &of::handshake_cpu_percent_high),
        entry(table + "handshake_cpu_low", percent(percent_mark_range), &of::handshake_cpu_percent_low),
        entry(table + "hold", duration(hold_range), &of::hold),
    };
}

keys connection_id_keys()
{
    using of = connection_id_policy;
    return {
        entry("connection_ids.enabled", flag(), &of::enabled),
        entry("connection_ids.networks", networks(), &of::networks),
        entry("connection_ids.length", count(connection_id_range), &of::length),
        entry("connection_ids.moves", moves(), &of::moves),
        entry("connection_ids.rule[].networks", networks(), &move_rule::networks),
        entry("connection_ids.rule[].moves", moves(), &move_rule::moves),
    };
}

struct limit_entry {
    std::string name;

    key operator()(const limit::count& of) const { return entry(name, count(of.range), of.member); }
    key operator()(const limit::bytes& of) const { return entry(name, size(of.range), of.member); }
    key operator()(const limit::time& of) const { return entry(name, duration(of.range), of.member); }
};

keys limit_keys()
{
    keys result;
    for (const auto& each : limit_table)
        result.push_back(std::visit(limit_entry{"limits." + std::string{each.name}}, each.what));
    return result;
}

keys other_keys()
{
    return {
        entry("log.level", level(), &server_config::log_level),
        entry("metrics.listen", optional_address(), &config_file::metrics),
        entry("forward[].listen", addresses(), &forward_rule::listen),
        entry("forward[].to", address(), &forward_rule::to),
        entry("forward[].idle_timeout", duration(any_time), &forward_rule::idle_timeout),
    };
}

}  // namespace

const std::vector<key>& schema()
{
    static const auto all = [] {
        auto gathered = server_keys();
        append(gathered, credential_keys());
        append(gathered, cookie_keys());
        append(gathered, adaptive_keys());
        append(gathered, connection_id_keys());
        append(gathered, limit_keys());
        append(gathered, other_keys());
        return gathered;
    }();
    return all;
}

const std::vector<table_array>& table_arrays()
{
    static const std::vector<table_array> all{
        {"cookies.rule", [](const config_file& file) { return file.server.cookies.rules.size(); },
         [](config_file& file) { file.server.cookies.rules.emplace_back(); }},
        {"connection_ids.rule",
         [](const config_file& file) { return file.server.connection_ids.rules.size(); },
         [](config_file& file) { file.server.connection_ids.rules.emplace_back(); }},
        {"forward", [](const config_file& file) { return file.forward.size(); },
         [](config_file& file) { file.forward.emplace_back(); }},
    };
    return all;
}

}  // namespace quivive::config
