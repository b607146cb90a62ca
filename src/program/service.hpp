#pragma once

#include "program/handover.hpp"
#include "program/metric_table.hpp"
#include "quivive/config_file.hpp"
#include "quivive/server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace quivive::program {

class server_options;

/// The servers of a command, all created from one configuration.
class service {
public:
    virtual ~service() = default;

    [[nodiscard]] virtual std::vector<served> servers() = 0;
    /// Imports the sessions that another process has exported, and starts to serve. Importing consumes the
    /// exported sessions. Must therefore be called once, after everything that may fail.
    virtual void begin() = 0;
    /// Calls `server::reload` for all servers, or for none if the configuration is invalid.
    [[nodiscard]] virtual std::vector<std::string> reload(const config_file& config) = 0;
    /// Returns the current counters of the handlers. Thread-safe.
    [[nodiscard]] virtual std::vector<named_count> counts() const = 0;

    /// Returns the number of sessions imported from another process.
    [[nodiscard]] std::size_t taken_over() const noexcept { return taken_over_; }

    /// Returns the sum of the servers' current counters. Thread-safe.
    [[nodiscard]] metrics counted();

protected:
    std::size_t taken_over_ = 0;
};

using service_factory = std::function<std::unique_ptr<service>(const config_file& config)>;

/// Reads the configuration, creates the service with `start`, prints its addresses, and runs it until SIGINT
/// or SIGTERM. SIGHUP reloads the configuration. Prints the counters at the end and returns the exit code.
/// Throws `config_error`, and `boost::system::system_error` when an address cannot be bound.
[[nodiscard]] int run_service(const server_options& options, const service_factory& start);

}  // namespace quivive::program
