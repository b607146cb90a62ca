#pragma once

#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

namespace quivive::wire {

/// Where the deciding layers put datagrams that shall leave. The server layer sends them in batches; tests
/// and simulations do what they like. A full outbox drops and counts, as the network might.
class outbox {
public:
    virtual void send(const path& to, bytes datagram) noexcept = 0;

protected:
    ~outbox() = default;
};

}  // namespace quivive::wire
