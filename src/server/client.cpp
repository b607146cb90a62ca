#include "quivive/client.hpp"

#include "config/server_config.hpp"
#include "server/address.hpp"
#include "server/client_link.hpp"

#include <boost/system/system_error.hpp>

namespace quivive::detail {

namespace asio = boost::asio;

void start_connect(asio::any_io_executor executor, const asio::ip::udp::endpoint& server,
                   const client_config& config,
                   asio::any_completion_handler<void(error_code, session)> handler)
{
    if (auto problems = config::check(config); !problems.empty()) throw config_error{std::move(problems)};
    auto context =
        tls::make_client_context(config.credentials, {.dtls_1_0 = config.dtls_1_0,
                                                      .priority = config.priority,
                                                      .alpn = config.alpn,
                                                      .keying = config.keying,
                                                      .connection_ids = config.connection_id.has_value()});
    try {
        const auto to = to_wire(server);
        auto socket = transport::udp_socket::connect(
            to, config.bind ? std::optional{to_wire(*config.bind)} : std::nullopt,
            {.coalescing = config.coalesce_received});
        const auto link =
            std::make_shared<client_link>(executor, config, std::move(context), std::move(socket), to);
        cancel_by(handler, [weak = std::weak_ptr{link}] {
            if (const auto self = weak.lock()) self->home().run([self] { self->give_up(); });
        });
        link->home().run([link, begun = client_link::connect_operation{
                                    std::move(handler), link->home().executor()}]() mutable {
            link->connect(std::move(begun));
        });
    } catch (const boost::system::system_error& error) {
        complete_at_once(std::move(handler), executor, error.code(), session{});
    }
}

}  // namespace quivive::detail
