#pragma once

#include "quivive/client.hpp"

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <string>

#include <sys/types.h>

namespace quivive::bench {

/// What the command line asks for.
struct plan {
    boost::asio::ip::udp::endpoint server;
    pid_t pid = 0;
    std::string psk;  ///< IDENTITY:HEXKEY; empty: certificates
    std::size_t clients = 16, threads = 1;
    std::size_t first = 0;  ///< number of the first client, which chooses its address
    bool yields = false;    ///< its threads leave the CPU to others of this process
    std::size_t size = 256, outstanding = 2;
    std::size_t echoes = 0;  ///< of each session, before it closes
    std::chrono::duration<double> warm{0.4}, time{3};

    std::size_t storm = 16;  ///< clients that shake hands at a time, beside others
    double rate = 0;         ///< hellos, or messages, a second; 0: as fast as they are answered

    // Of hellos.
    std::size_t sources = 2'048, window = 64;
    std::string kind = "hello";
    bool json = false;
};

/// The configuration of the client with this number: from an address of its own in 127.1.0.0/16 and up.
[[nodiscard]] client_config config_of(const plan& chosen, std::size_t number);

}  // namespace quivive::bench
