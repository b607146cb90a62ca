#include "program/echo_command.hpp"

#include "program/arguments.hpp"
#include "program/command_line.hpp"
#include "program/echo_handler.hpp"
#include "program/service.hpp"

#include <filesystem>

namespace quivive::program {
namespace {

class echo_service final : public service {
public:
    explicit echo_service(const config_file& config)
        : server_{config.server}, sessions_{config.server.state}, log_{config.server.log}
    {
        if (!config.forward.empty() && config.server.log_level <= log_level::warning)
            config.server.log(log_level::warning,
                              "[[forward]] tables are ignored: they apply to `quivive forward` only");
    }

    void begin() override
    {
        taken_over_ = import_sessions(servers().front(), log_);
        server_.serve(echo_);
    }

    std::vector<served> servers() override { return {{&server_, sessions_}}; }
    std::vector<std::string> reload(const config_file& config) override
    {
        return server_.reload(config.server);
    }
    [[nodiscard]] std::vector<named_count> counts() const override
    {
        return {{"echo_too_large", echo_->too_large(), "Messages too large to be sent back"}};
    }

private:
    std::shared_ptr<echo_handler> echo_ = std::make_shared<echo_handler>();
    server server_;
    std::filesystem::path sessions_;
    log_sink log_;
};

}  // namespace

echo_command::echo_command(CLI::App& program)
    : command_{*program.add_subcommand("echo", "A DTLS server that sends each message back")},
      options_{command_}
{
    add_value(
        command_, "--idle-timeout", "S",
        [this](const std::string& text) {
            options_.add_change([value = read_seconds(text, zero::allowed)](config_file& config) {
                config.server.limits.idle_timeout = value;
            });
        },
        "Seconds until a silent session is closed; 0: never; default 300");
}

int echo_command::run() const
{
    return run_service(options_,
                       [](const config_file& config) { return std::make_unique<echo_service>(config); });
}

}  // namespace quivive::program
