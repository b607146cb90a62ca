#pragma once

#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "tls/certificate_fault.hpp"

#include <memory>

namespace quivive::test {

/// A handshake of a client, which offers the session of `former` if given.
struct ticket_visit {
    ticket_visit(const std::shared_ptr<const tls::context>& context, plain_client& client,
                 plain_client* former = nullptr, const tls::handshake_settings& settings = {})
        : peer{client, context, settings}
    {
        if (former != nullptr) offer_session_of(former->session, client.session);
        peer.settle();
        refused = peer.server->take_refused_resumption();
        CHECK_FALSE(peer.server->take_refused_resumption());
        done = peer.server->status() == tls::handshake_status::done;
        if (done) facts = peer.server->facts();
    }
    /// Checks that the ticket was refused and the full handshake succeeded.
    void check_full()
    {
        CHECK(refused);
        REQUIRE(done);
        CHECK_FALSE(facts.resumed);
        CHECK(peer.client.session.done());
        CHECK_FALSE(peer.client.session.resumed());
        peer.establish();
        CHECK(peer.echo("in full") == "in full");
    }
    void check_resumed()
    {
        CHECK_FALSE(refused);
        REQUIRE(done);
        CHECK(facts.resumed);
        CHECK(peer.client.session.resumed());
        peer.establish();
        CHECK(peer.echo("in short") == "in short");
    }
    void check_rejected(tls::certificate_fault why)
    {
        CHECK(refused);
        CHECK(peer.server->status() == tls::handshake_status::failed);
        CHECK(peer.server->error() == tls::make_error_code(why));
    }

    tls_peer peer;
    bool refused = false, done = false;
    tls::handshake_facts facts;
};

}  // namespace quivive::test
