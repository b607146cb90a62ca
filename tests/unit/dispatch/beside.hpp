#pragma once

#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "support/late_workers.hpp"

#include <memory>
#include <utility>

namespace quivive::test {

/// A world with handshake threads.
struct beside {
    explicit beside(limits chosen = {}, cookie_policy policy = {},
                    std::shared_ptr<const tls::context> context = any_server_context(),
                    std::shared_ptr<const tls::context> clients = any_client_context())
        : around{chosen, policy, std::move(context), std::move(clients), nullptr, &workers}
    {
    }

    /// Adds a client whose hello is admitted and that waits for the answer.
    remote& begin(unsigned host = 1)
    {
        auto& client = around.add_client(host);
        REQUIRE(around.begin(client).disposition == dispatch::disposition::delivered);
        return client;
    }
    remote& connect(unsigned host = 1)
    {
        auto& client = around.add_client(host);
        client.hello();
        workers.settle(around);
        REQUIRE(client.connected());
        return client;
    }

    late_workers workers;
    world around;
};

}  // namespace quivive::test
