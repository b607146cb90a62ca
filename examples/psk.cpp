// psk [ADDR:PORT]: authenticates clients by pre-shared keys and greets each by its identity. A callback looks
// up the key, for example in a database, a vault or a file.
#include <quivive/quivive.hpp>

#include <boost/asio.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>

namespace asio = boost::asio;

namespace {

/// Returns the key of a client. It is called during a handshake and must not block: read a slow database
/// beforehand.
std::optional<quivive::secret> find_key(std::string_view identity)
{
    static const std::map<std::string, std::string, std::less<>> keys{
        {"sensor-7", "30313233343536373839616263646566"},
        {"sensor-8", "66656463626139383736353433323130"},
    };
    const auto found = keys.find(identity);
    if (found == keys.end()) return std::nullopt;
    return quivive::secret::from_hex(found->second);
}

asio::awaitable<void> greet(quivive::session session)
{
    const std::string greeting = "welcome, " + session.info().psk_identity;
    for (;;) {
        co_await session.async_receive(asio::use_awaitable);
        co_await session.async_send(asio::buffer(greeting), asio::use_awaitable);
    }
}

}  // namespace

int main(int argc, char** argv)
try {
    quivive::server_config config;
    config.listen.push_back(quivive::parse_endpoint(argc > 1 ? argv[1] : "127.0.0.1:4433").value());
    config.credentials.psk = find_key;

    asio::io_context io;
    quivive::server server{io.get_executor(), std::move(config)};
    server.serve(greet);
    std::cout << "listening on " << server.local_endpoints().front() << std::endl;
    io.run();
} catch (const std::exception& error) {
    std::cerr << "psk: " << error.what() << '\n';
    return 1;
}
