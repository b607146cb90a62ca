#include "config/server_config.hpp"

#include "config/connection_ids.hpp"
#include "config/cookie_policy.hpp"
#include "config/range_text.hpp"
#include "config/units.hpp"

#include <algorithm>

namespace quivive {

namespace config {

namespace {

void append(std::vector<problem>& all, std::vector<problem> more)
{
    std::ranges::move(more, std::back_inserter(all));
}

struct limit_check {
    const limits& values;
    std::string key;
    std::vector<problem>& problems;

    void operator()(const limit::count& of) const
    {
        check_range(problems, key, values.*of.member, of.range, &count_text);
    }
    void operator()(const limit::bytes& of) const
    {
        check_range(problems, key, values.*of.member, of.range, &size_text);
    }
    void operator()(const limit::time& of) const
    {
        check_range(problems, key, values.*of.member, of.range, &duration_text);
    }
};

void check_listen(std::vector<problem>& problems, const server_config& server)
{
    const auto& listen = server.listen;
    for (auto at = listen.begin(); at != listen.end(); ++at)
        if (at->port() != 0 && std::find(listen.begin(), at, *at) != at)
            problems.push_back({"listen", "has " + to_string(*at) + " twice; name it once", {}});
}

}  // namespace

std::vector<problem> check(const limits& limits)
{
    std::vector<problem> problems;
    for (const auto& each : limit_table)
        std::visit(limit_check{limits, "limits." + std::string{each.name}, problems}, each.what);
    return problems;
}

std::vector<problem> check_mtus(std::size_t mtu, std::size_t handshake_mtu)
{
    std::vector<problem> problems;
    check_range(problems, "mtu", mtu, mtu_range, &count_text);
    check_range(problems, "handshake_mtu", handshake_mtu, mtu_range, &count_text);
    return problems;
}

std::vector<problem> check(const server_config& server)
{
    std::vector<problem> problems;
    check_listen(problems, server);
    check_range(problems, "threads", server.threads, threads_range, &count_text);
    check_range(problems, "handshake_threads", server.handshake_threads, handshake_threads_range,
                &count_text);
    check_range(problems, "credentials.ticket_lifetime", server.credentials.ticket_lifetime,
                ticket_lifetime_range, &duration_text);
    append(problems, check_mtus(server.mtu, server.handshake_mtu));
    check_range(problems, "receive_buffer", server.receive_buffer_bytes, socket_buffer_range, &count_text);
    check_range(problems, "send_buffer", server.send_buffer_bytes, socket_buffer_range, &count_text);
    append(problems, check_connection_ids(server));
    append(problems, check(server.cookies));
    append(problems, check(server.limits));
    return problems;
}

tls::context_options context_options_of(const server_config& server)
{
    return {.dtls_1_0 = server.dtls_1_0,
            .priority = server.priority,
            .alpn = server.alpn,
            .keying = server.keying,
            .connection_ids = server.connection_ids.enabled,
            .alpn_required = server.alpn_required,
            .extended_master_secret_required = server.extended_master_secret == requirement::required,
            .secure_renegotiation_required = server.secure_renegotiation == requirement::required};
}

std::vector<std::string> check(const client_config& config)
{
    auto problems = check(config.limits);
    append(problems, check_mtus(config.mtu, config.handshake_mtu));
    if (config.connection_id) {
        check_range(problems, "connection_id", *config.connection_id, clients_id_range, &count_text);
        if (config.record_layer == record_layer::attached)
            problems.push_back({"connection_id", "needs record_layer::detached", "record_layer"});
    }
    return sentences(problems);
}

}  // namespace config

std::vector<std::string> validate(const client_config& config) { return config::check(config); }

std::vector<std::string> validate(const server_config& server)
{
    auto problems = config::check(server);
    if (server.listen.empty())
        problems.insert(problems.begin(),
                        {"listen", "is empty; give at least one address, such as 127.0.0.1:4433", {}});
    return config::sentences(problems);
}

}  // namespace quivive
