#pragma once

#include "support/catch.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <memory>

namespace quivive::test {

inline std::shared_ptr<record::aead_cache> ciphers()
{
    return std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 16);
}

/// A world with a client whose session can be exported.
struct departure {
    explicit departure(bool ids, quivive::limits limits = {})
        : around{limits, {}, any_server_context(), any_client_context(), ciphers()}
    {
        if (ids) around.use_ids();
        client = &around.connect();
        session = around.session_of(*client);
        REQUIRE(session);
    }
    [[nodiscard]] sessions::saved_session save() const
    {
        auto saved = around.server->save(*session, around.now);
        REQUIRE(saved);
        return *saved;
    }
    world around;
    remote* client = nullptr;
    std::shared_ptr<dispatch::connection> session;
};

}  // namespace quivive::test
