#pragma once

#include "quivive/client.hpp"

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <string>

#include <sys/types.h>

namespace quivive::bench {

/// Settings from the command line.
struct plan {
    boost::asio::ip::udp::endpoint server;
    pid_t pid = 0;
    std::string psk;  ///< IDENTITY:HEXKEY; empty: certificates
    std::size_t clients = 16, threads = 1;
    std::size_t first = 0;  ///< number of the first client, which determines its address
    bool yields = false;    ///< its threads have the lowest priority in this process
    std::size_t size = 256, outstanding = 2;
    std::size_t echoes = 0;  ///< messages of each session, before it closes
    std::chrono::duration<double> warm{0.4}, time{3};

    std::size_t storm = 16;  ///< concurrent clients that handshake, beside the others
    double rate = 0;         ///< hellos, or messages, a second; 0: as fast as the answers arrive

    // Settings of hellos.
    std::size_t sources = 2'048, window = 64;
    std::string kind = "hello";
    bool json = false;
};

/// Returns the configuration of the client with this number. Its address is from 127.1.0.0/16 and up.
[[nodiscard]] client_config config_of(const plan& chosen, std::size_t number);

}  // namespace quivive::bench
