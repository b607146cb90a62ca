#pragma once

#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

namespace quivive::wire {

/// Interface through which the layers without I/O send datagrams. The server layer sends them in batches;
/// tests and simulations implement it as needed. A full outbox drops datagrams, as the network may, and
/// counts them.
class outbox {
public:
    virtual void send(const path& to, bytes datagram) noexcept = 0;

protected:
    ~outbox() = default;
};

}  // namespace quivive::wire
