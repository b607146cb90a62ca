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

/// What a command runs: its servers, all made of one configuration.
class service {
public:
    virtual ~service() = default;

    [[nodiscard]] virtual std::vector<served> servers() = 0;
    /// Goes on with the sessions that another process has left, which are used up by that, and serves. To be
    /// called once, when nothing is left that could go wrong.
    virtual void begin() = 0;
    /// As `server::reload`, for all of them or none.
    [[nodiscard]] virtual std::vector<std::string> reload(const config_file& config) = 0;
    /// What its handlers have counted so far. From any thread.
    [[nodiscard]] virtual std::vector<named_count> counts() const = 0;

    /// How many sessions it has gone on with that another process began.
    [[nodiscard]] std::size_t taken_over() const noexcept { return taken_over_; }

    /// What its servers have counted so far. From any thread.
    [[nodiscard]] metrics counted();

protected:
    std::size_t taken_over_ = 0;
};

using service_factory = std::function<std::unique_ptr<service>(const config_file& config)>;

/// Reads the options, starts what `start` makes of them, says where it listens, and lets it run: until SIGINT
/// or SIGTERM, with the configuration read again at each SIGHUP. Then the counters are printed. The exit
/// code. Throws `config_error`, and `boost::system::system_error` when an address cannot be bound.
[[nodiscard]] int run_service(const server_options& options, const service_factory& start);

}  // namespace quivive::program
