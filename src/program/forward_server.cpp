#include "program/forward_server.hpp"

#include "program/forward_open_files.hpp"

#include <chrono>
#include <utility>

namespace quivive::program {

server_config forward_config(server_config base, const forward_rule& rule)
{
    base.listen = rule.listen;
    base.limits.idle_timeout = std::chrono::milliseconds{0};
    return base;
}

forwarder start_forward(server_config base, const forward_rule& rule)
{
    allow_all_open_files();
    auto handler = std::make_shared<forward_handler>(rule, base.log);
    auto served = std::make_unique<server>(forward_config(std::move(base), rule));
    served->serve(handler);
    return {std::move(handler), std::move(served)};
}

}  // namespace quivive::program
