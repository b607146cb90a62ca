#pragma once

#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

namespace quivive::wire {

/// Interface through which the layers without I/O send datagrams. The server layer sends them in batches;
/// tests and simulations implement it as needed. A full outbox drops and counts datagrams, as the network
/// may.
class outbox {
public:
    virtual void send(const path& to, bytes datagram) noexcept = 0;

protected:
    ~outbox() = default;
};

}  // namespace quivive::wire
