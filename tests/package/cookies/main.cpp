// server always|never: makes a server with that cookie policy. If it is refused, prints every problem and
// exits with 2.
#include <quivive/quivive.hpp>

#include <iostream>
#include <string_view>

int main(int argc, char** argv)
try {
    quivive::server_config config;
    config.listen = {*quivive::parse_endpoint("127.0.0.1:0")};
    config.credentials.self_signed_if_none = true;
    const bool never = argc > 1 && std::string_view{argv[1]} == "never";
    config.cookies.exchange = never ? quivive::cookie_exchange::never : quivive::cookie_exchange::always;
    config.cookies.trust_all_networks = never;
    const quivive::server served{config};
    return 0;
} catch (const quivive::config_error& refused) {
    for (const auto& problem : refused.problems()) std::cout << problem << '\n';
    return 2;
}
