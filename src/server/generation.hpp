#pragma once

#include "dispatch/dispatcher.hpp"
#include "gate/cookie_keys.hpp"
#include "gate/rule_table.hpp"
#include "quivive/server_config.hpp"

#include <memory>
#include <string>
#include <vector>

namespace quivive::detail {

/// One configuration, ready to be used: checked, its files read, its tables made. Either all of it can be, or
/// nothing is changed. Immutable, and so safe to use from several threads.
class generation {
public:
    /// For `shards` threads, each of which takes an equal share of the limits. What has not changed since the
    /// one before (null: there is none) is taken over from it: the ticket keys of the same credentials and
    /// options, a throw-away certificate. Throws `config_error` with every problem.
    generation(server_config config, std::size_t shards, const generation* before);

    [[nodiscard]] const server_config& config() const noexcept { return config_; }
    [[nodiscard]] const std::shared_ptr<const tls::context>& context() const noexcept
    {
        return terms_.context;
    }
    /// How many have a share.
    [[nodiscard]] std::size_t shards() const noexcept { return shards_; }
    /// A shard's share.
    [[nodiscard]] const quivive::limits& limits() const noexcept { return *terms_.limits; }
    [[nodiscard]] const dispatch::terms& terms() const noexcept { return terms_; }
    [[nodiscard]] const std::shared_ptr<const gate::rule_table>& rules() const noexcept { return rules_; }

    /// Whether the cookies of `other` are good here too, so that a shard keeps its keys.
    [[nodiscard]] bool has_keys_of(const generation& other) const noexcept;
    /// Keys for one shard.
    [[nodiscard]] std::unique_ptr<gate::cookie_keys> make_keys(time_point now) const;

    /// Those of `cookies.secret_file`, the one to be used first; none without such a file.
    [[nodiscard]] const std::vector<secret>& shared_secrets() const noexcept { return secrets_; }

    /// Warnings and notes about the files that were read: see the functions of these names.
    [[nodiscard]] const std::vector<std::string>& file_warnings() const noexcept { return warnings_; }
    [[nodiscard]] std::vector<std::string> file_notes() const;

    /// How many networks have the rule `never`.
    [[nodiscard]] std::size_t never_networks() const noexcept;

private:
    void read_files(const generation* before);

    server_config config_;
    std::size_t shards_;
    std::string fingerprint_;  ///< of the context; empty when it cannot be told
    std::vector<secret> secrets_;
    std::vector<std::string> warnings_;
    dispatch::terms terms_;
    std::shared_ptr<const gate::rule_table> rules_;
};

/// Gives back what cannot change while a server runs to what `running` has, one sentence each.
[[nodiscard]] std::vector<std::string> keep_what_cannot_change(server_config& config,
                                                               const server_config& running);

}  // namespace quivive::detail
