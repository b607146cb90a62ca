#include "server/config_snapshot.hpp"

#include "config/ranges.hpp"
#include "config/server_config.hpp"
#include "gate/make_cookie_keys.hpp"
#include "server/session_facts.hpp"
#include "tls/fingerprint.hpp"
#include "tls/random.hpp"
#include "tls/secret_file.hpp"

#include <algorithm>

namespace quivive::runtime {

namespace {

std::size_t part(std::size_t whole, std::size_t shards) { return (whole + shards - 1) / shards; }

limits share(limits all, std::size_t shards)
{
    for (const auto member : {&limits::max_sessions, &limits::max_sessions_per_source, &limits::max_half_open,
                              &limits::max_half_open_per_source, &limits::half_open_bytes_total,
                              &limits::version_alerts_per_second, &limits::receive_queue_bytes_total,
                              &limits::ready_ciphers, &limits::unvalidated_bytes_per_second_total})
        all.*member = part(all.*member, shards);
    // With less memory a shard could not admit a single handshake.
    all.half_open_bytes_total = std::max(all.half_open_bytes_total, config::min_half_open_bytes);
    return all;
}

load_marks share(load_marks all, std::size_t shards)
{
    for (const auto member : {&load_marks::half_open_high, &load_marks::half_open_low,
                              &load_marks::hellos_per_second_high, &load_marks::hellos_per_second_low})
        all.*member = part(all.*member, shards);
    return all;
}

server_config checked(server_config config)
{
    if (auto problems = validate(config); !problems.empty()) throw config_error{std::move(problems)};
    return config;
}

}  // namespace

config_snapshot::config_snapshot(server_config config, std::size_t shards, const config_snapshot* before)
    : config_{checked(std::move(config))}, shards_{shards}
{
    read_files(before);
    connection_config_.limits = std::make_shared<const quivive::limits>(share(config_.limits, shards));
    connection_config_.handshakes =
        make_handshake_settings(*connection_config_.limits, config_.handshake_mtu, config_.mtu);
    connection_config_.load = share(config_.cookies.adaptive, shards);
    connection_config_.ids = config_.connection_ids;
    connection_config_.moves =
        std::make_shared<const gate::move_rules>(config_.connection_ids, config_.shared_networks);
    rules_ = std::make_shared<const gate::rule_table>(config_.cookies);
}

/// Reads all files and reports the problems of all of them together.
void config_snapshot::read_files(const config_snapshot* before)
{
    tls::problem_list problems;
    if (!config_.cookies.secret_file.empty())
        secrets_ = tls::load_secrets(config_.cookies.secret_file, problems, warnings_);
    try {
        const auto options = config::context_options_of(config_);
        fingerprint_ = tls::fingerprint(config_.credentials, options);
        const bool same = before && !fingerprint_.empty() && fingerprint_ == before->fingerprint_;
        const auto* follows = before ? before->connection_config_.context.get() : nullptr;
        connection_config_.context = same ? before->connection_config_.context
                                          : tls::make_server_context(config_.credentials, options, follows);
    } catch (const config_error& error) {
        std::ranges::copy(error.problems(), std::back_inserter(problems));
    }
    if (!problems.empty()) throw config_error{std::move(problems)};
    std::ranges::copy(connection_config_.context->warnings(), std::back_inserter(warnings_));
}

std::vector<std::string> config_snapshot::file_notes() const
{
    return config::notes_on_secrets(config_.cookies.secret_file, secrets_.size());
}

bool config_snapshot::accepts_cookies_of(const config_snapshot& other) const noexcept
{
    const auto used = [](const config_snapshot& of) {
        return std::span{of.secrets_}.first(std::min(of.secrets_.size(), gate::shared_keys::max_secrets));
    };
    return config_.cookies.rotate_every == other.config_.cookies.rotate_every &&
           std::ranges::equal(used(*this), used(other), {}, &secret::bytes, &secret::bytes);
}

std::unique_ptr<gate::cookie_keys> config_snapshot::make_keys(time_point now) const
{
    return gate::make_cookie_keys(config_.cookies.rotate_every, secrets_, tls::fill_random,
                                  std::chrono::system_clock::now, now);
}

std::size_t config_snapshot::never_networks() const noexcept
{
    std::size_t count = 0;
    for (const auto& rule : config_.cookies.rules)
        if (rule.exchange == cookie_exchange::never) count += rule.networks.size();
    return count;
}

std::vector<std::string> restore_fixed_settings(server_config& config, const server_config& running)
{
    std::vector<std::string> kept;
    const auto keep = [&](const char* key, auto& wanted, const auto& present) {
        if (wanted == present) return;
        wanted = present;
        kept.emplace_back(key).append(" cannot change while running; it stays as it was until a restart");
    };
    keep("listen", config.listen, running.listen);
    keep("threads", config.threads, running.threads);
    keep("handshake_threads", config.handshake_threads, running.handshake_threads);
    keep("receive_buffer", config.receive_buffer_bytes, running.receive_buffer_bytes);
    keep("send_buffer", config.send_buffer_bytes, running.send_buffer_bytes);
    keep("limits.max_datagram_bytes", config.limits.max_datagram_bytes, running.limits.max_datagram_bytes);
    keep("limits.send_queue_datagrams", config.limits.send_queue_datagrams,
         running.limits.send_queue_datagrams);
    keep("state", config.state, running.state);
    keep("connection_ids.length", config.connection_ids.length, running.connection_ids.length);
    keep("limits.max_handed_over", config.limits.max_handed_over, running.limits.max_handed_over);
    keep("limits.ready_ciphers", config.limits.ready_ciphers, running.limits.ready_ciphers);
    config.trace = running.trace;
    config.log = running.log;
    return kept;
}

}  // namespace quivive::runtime
