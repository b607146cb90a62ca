#include "quivive/client.hpp"

#include "config/server_config.hpp"
#include "server/address.hpp"
#include "server/client_link.hpp"
#include "server/failure.hpp"

namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

std::shared_ptr<client_link> make_link(const asio::any_io_executor& executor,
                                       const asio::ip::udp::endpoint& server, const client_config& config)
{
    if (auto problems = config::check(config); !problems.empty()) throw config_error{std::move(problems)};
    auto context = config::make_context(config);
    const auto to = to_wire(server);
    auto socket =
        transport::udp_socket::connect(to, config.bind ? std::optional{to_wire(*config.bind)} : std::nullopt,
                                       {.coalescing = config.coalesce_received});
    return std::make_shared<client_link>(executor, config, std::move(context), std::move(socket), to);
}

/// Reports the current exception to the trace with its full text, and returns its error code. Call only in a
/// `catch (...)` handler.
error_code trace_failure(const client_config& config, const asio::ip::udp::endpoint& server)
{
    if (config.trace)
        config.trace({trace_kind::failed, clock::now(), config.bind.value_or(asio::ip::udp::endpoint{}),
                      server, 0, text_of_failure()});
    return code_of_failure();
}

}  // namespace

void start_connect(const asio::any_io_executor& executor, const asio::ip::udp::endpoint& server,
                   const client_config& config,
                   asio::any_completion_handler<void(error_code, session)> handler)
{
    std::shared_ptr<client_link> link;
    error_code failure;
    try {
        link = make_link(executor, server, config);
    } catch (...) {  // an exception here would propagate out of the executor that runs the coroutine
        failure = trace_failure(config, server);
    }
    if (!link) return complete_at_once(std::move(handler), executor, failure, session{});
    cancel_by(handler, [weak = std::weak_ptr{link}] {
        if (const auto self = weak.lock()) self->executor().run([self] { self->cancel_connect(); });
    });
    link->executor().run([link, begun = client_link::connect_operation{
                                    std::move(handler), link->executor().any_executor()}]() mutable {
        link->connect(std::move(begun));
    });
}

}  // namespace quivive::runtime
