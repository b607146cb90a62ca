#pragma once

#include "dispatch/dispatcher.hpp"
#include "gate/cookie_keys.hpp"
#include "gate/rule_table.hpp"
#include "quivive/server_config.hpp"

#include <memory>
#include <string>
#include <vector>

namespace quivive::runtime {

/// A version of the configuration, checked, with its files read and its tables built. A configuration that
/// cannot be used in full changes nothing. Immutable, and therefore thread-safe.
class config_snapshot {
public:
    /// Divides the limits equally among `shards` threads. Takes a self-signed temporary certificate from the
    /// version `before`, and the ticket keys if credentials and options are the same. `before` may be null.
    /// Throws `config_error` with every problem.
    config_snapshot(server_config config, std::size_t shards, const config_snapshot* before);

    [[nodiscard]] const server_config& config() const noexcept { return config_; }
    [[nodiscard]] const std::shared_ptr<const tls::context>& context() const noexcept
    {
        return connection_config_.context;
    }
    /// Returns the number of shards among which the limits are divided.
    [[nodiscard]] std::size_t shards() const noexcept { return shards_; }
    /// Returns the limits of one shard.
    [[nodiscard]] const quivive::limits& limits() const noexcept { return *connection_config_.limits; }
    [[nodiscard]] const dispatch::connection_config& connection_config() const noexcept
    {
        return connection_config_;
    }
    [[nodiscard]] const std::shared_ptr<const gate::rule_table>& rules() const noexcept { return rules_; }

    /// Returns whether the cookie keys of `other` are valid here too, so that a shard keeps them.
    [[nodiscard]] bool accepts_cookies_of(const config_snapshot& other) const noexcept;
    /// Makes cookie keys for one shard.
    [[nodiscard]] std::unique_ptr<gate::cookie_keys> make_keys(time_point now) const;

    /// Returns the secrets of `cookies.secret_file`. The first one signs cookies and seals blobs. Empty
    /// without such a file.
    [[nodiscard]] const std::vector<secret>& shared_secrets() const noexcept { return secrets_; }

    /// Warnings and notes about the files that were read: see the functions of these names.
    [[nodiscard]] const std::vector<std::string>& file_warnings() const noexcept { return warnings_; }
    [[nodiscard]] std::vector<std::string> file_notes() const;

    /// Returns how many networks have the rule `never`.
    [[nodiscard]] std::size_t never_networks() const noexcept;

private:
    void read_files(const config_snapshot* before);

    server_config config_;
    std::size_t shards_;
    std::string fingerprint_;  ///< fingerprint of the context; empty when it cannot be computed
    std::vector<secret> secrets_;
    std::vector<std::string> warnings_;
    dispatch::connection_config connection_config_;
    std::shared_ptr<const gate::rule_table> rules_;
};

/// Resets the settings that cannot change while a server runs to the values of `running`. Returns one
/// sentence for each reset setting.
[[nodiscard]] std::vector<std::string> restore_fixed_settings(server_config& config,
                                                              const server_config& running);

}  // namespace quivive::runtime
