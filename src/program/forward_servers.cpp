#include "program/forward_servers.hpp"

#include "program/forward_open_files.hpp"

#include <algorithm>
#include <utility>

namespace quivive::program {
namespace {

/// Throws when any server would refuse the configuration, so that a reload applies to all or none. The folder
/// of `state` is not checked: it cannot change, and no server refuses a reload because of it.
void check(const std::vector<server_config>& wanted)
{
    std::vector<std::string> problems;
    for (const auto& config : wanted) std::ranges::copy(validate(config), std::back_inserter(problems));
    if (!wanted.empty()) {
        auto files = wanted.front();
        files.state.clear();
        std::ranges::copy(validate_files(files), std::back_inserter(problems));
    }
    if (!problems.empty()) throw config_error{std::move(problems)};
}

/// Returns the folder of a rule's sessions. It is named after the first address of the rule, so that a
/// restarted process imports the sessions into the same rule.
std::filesystem::path sessions_of(const std::string& state, const forward_rule& rule)
{
    if (state.empty()) return {};
    return std::filesystem::path{state} / ("forward " + to_string(rule.listen.front()));
}

void make_folder(const std::filesystem::path& sessions)
{
    std::error_code error;
    std::filesystem::create_directory(sessions, error);
    if (error)
        throw config_error{"state: " + sessions.string() + ": cannot be created: " + error.message() +
                           "; it must be a folder that this process can write to"};
}

void add_new(std::vector<std::string>& all, std::vector<std::string> more)
{
    for (auto& sentence : more)
        if (std::ranges::find(all, sentence) == all.end()) all.push_back(std::move(sentence));
}

}  // namespace

server_config forward_config(server_config base, const forward_rule& rule)
{
    base.listen = rule.listen;
    base.limits.idle_timeout = std::chrono::milliseconds{0};
    return base;
}

forwarder make_forwarder(server_config base, const forward_rule& rule)
{
    allow_all_open_files();
    forwarder made{std::make_shared<forward_handler>(rule, base.log),
                   std::make_unique<server>(forward_config(base, rule)), sessions_of(base.state, rule)};
    if (!made.sessions.empty()) make_folder(made.sessions);
    return made;
}

forward_servers::forward_servers(const config_file& config) : log_{config.server.log}
{
    if (config.forward.empty())
        throw config_error{
            "no service to forward to; give --listen and --to, or a [[forward]] table in the file of "
            "--config"};
    for (const auto& rule : config.forward) rules_.push_back({rule, make_forwarder(config.server, rule)});
}

void forward_servers::begin()
{
    for (const auto& one : servers()) taken_over_ += import_sessions(one, log_);
    for (const auto& one : rules_) one.runs.server->serve(one.runs.handler);
}

std::vector<served> forward_servers::servers()
{
    std::vector<served> all;
    for (const auto& one : rules_) all.push_back({one.runs.server.get(), one.runs.sessions});
    return all;
}

std::vector<std::string> forward_servers::reload(const config_file& config)
{
    std::vector<std::string> kept;
    const auto stays = [&](const std::string& key) {
        kept.push_back(key + " cannot change while running; it stays as it was until a restart");
    };
    if (config.forward.size() != rules_.size()) stays("the number of [[forward]] tables");

    std::vector<server_config> wanted;
    for (std::size_t i = 0; i < std::min(rules_.size(), config.forward.size()); ++i) {
        if (config.forward[i].listen != rules_[i].rule.listen)
            stays("forward[" + std::to_string(i) + "].listen");
        wanted.push_back(forward_config(config.server, rules_[i].rule));
    }
    check(wanted);

    for (std::size_t i = 0; i < wanted.size(); ++i) {
        add_new(kept, rules_[i].runs.server->reload(std::move(wanted[i])));
        rules_[i].runs.handler->use(config.forward[i]);
    }
    return kept;
}

std::vector<named_count> forward_servers::counts() const
{
    forward_counts sum;
    for (const auto& one : rules_) sum += one.runs.handler->counts();
    std::vector<named_count> named;
    for (std::size_t i = 0; i < forward_event_count; ++i) {
        const auto event = static_cast<forward_event>(i);
        named.push_back({name_of(event), sum[event], help_of(event)});
    }
    return named;
}

}  // namespace quivive::program
