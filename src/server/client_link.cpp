#include "server/client_link.hpp"

#include "observe/flight_names.hpp"
#include "server/address.hpp"
#include "server/close_error.hpp"
#include "server/failure.hpp"
#include "server/scoped_flag.hpp"
#include "server/session_facts.hpp"
#include "server/teardown.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/random.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <variant>

namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

/// A single session receives few datagrams at a time, unless the kernel coalesces many into one buffer.
transport::receive_batch batch_for(const transport::udp_socket& socket, std::size_t max_datagram_bytes)
{
    if (socket.coalescing())
        return transport::receive_batch{max_datagram_bytes, 1, {}, transport::buffers::coalesced};
    return transport::receive_batch{max_datagram_bytes, 4};
}

/// Work limit for the session's own work within one turn.
constexpr std::size_t ready_work_per_turn = 64;

/// One to read and one to write.
constexpr std::size_t ready_ciphers = 2;

wire::own_connection_id random_id(std::size_t size)
{
    std::array<std::byte, wire::own_connection_id::max_size> bytes{};
    const auto id = std::span{bytes}.first(std::min(size, bytes.size()));
    if (!id.empty()) tls::fill_random(id);
    return wire::own_connection_id{id};
}

}  // namespace

client_link::client_link(asio::any_io_executor on, const client_config& config,
                         std::shared_ptr<const tls::context> context, transport::udp_socket socket,
                         const wire::endpoint& server)
    : session_host{runtime::shard_executor{std::move(on)}},
      limits_{std::make_shared<const quivive::limits>(config.limits)},
      trace_{config.trace},
      context_{std::move(context)},
      handshakes_{make_handshake_settings(*limits_, config.handshake_mtu, config.mtu)},
      port_{executor(), std::move(socket), limits_->send_queue_datagrams, counters_},
      batch_{batch_for(port_.socket(), limits_->max_datagram_bytes)},
      association_{std::make_shared<sessions::association>(
          wire::path{port_.socket().local_endpoint(), server, 0}, limits_,
          std::make_shared<sessions::message_pool>(limits_->receive_queue_bytes_total), clock::now())},
      timer_{executor().io_executor()}
{
    if (config.record_layer == record_layer::detached)
        handshakes_.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, ready_ciphers);
    if (config.connection_id) handshakes_.connection_id = random_id(*config.connection_id);
}

void client_link::connect(connect_operation begun)
{
    teardown::watch(executor().context(), shared_from_this());
    connect_ = std::move(begun);
    try {
        const auto now = clock::now();
        association_->begin(
            tls::make_client_handshake(context_, handshakes_, association_->path(), now, *this), now);
    } catch (...) {
        start_error_ = code_of_failure();
        association_->abort(sessions::close_reason::handshake_failed);
    }
    wait_readable();
    finish_turn();
}

void client_link::wait_readable()
{
    port_.wait_readable([self = shared_from_this()](error_code error) {
        if (!error && !self->ended_) self->read();
    });
}

void client_link::read()
{
    const auto now = clock::now();
    // Ignores ICMP errors, which can be forged (RFC 8085 5.2). Time-outs decide instead.
    do {
        for (const auto& datagram : port_.receive(batch_))
            if (!datagram.truncated && !datagram.data.empty()) on_datagram(datagram.data, now);
    } while (batch_.holds_more());
    wait_readable();
    finish_turn();
}

void client_link::on_datagram(wire::bytes datagram, time_point now)
{
    trace_flight(trace_kind::received, datagram);
    const auto& id = handshakes_.connection_id;
    for (wire::record_cutter cutter{datagram, id ? id->size() : 0}; !cutter.done();) {
        const auto cut = cutter.next();
        if (const auto* record = std::get_if<wire::record_view>(&cut))
            (void)association_->on_record(*record, association_->path(), now, *this);
    }
}

void client_link::send(const wire::path& to, wire::bytes datagram) noexcept
{
    trace_flight(trace_kind::sent, datagram);
    port_.push(to, datagram);
}

void client_link::finish_turn()
{
    if (in_turn_) return;  // the running turn also handles the new work
    try {
        handle_changes();
    } catch (...) {  // thrown by a handler
        post_finish_turn();
        throw;
    }
    if (!port_.flush()) {
        port_.wait_writable([self = shared_from_this()](error_code error) {
            if (!error) self->finish_turn();
        });
    }
    rearm();
    if (!ready_.empty() || port_.can_send_queued()) post_finish_turn();
}

void client_link::handle_changes()
{
    const scoped_flag in_turn{in_turn_};
    if (!core_ && association_->is_open()) establish();
    if (core_ && !core_->ended()) core_->on_readable();
    for (std::size_t done = 0; done < ready_work_per_turn;) {
        if (auto* const sender = port_.next_sender()) sender->on_send_capacity();
        if (ready_.empty()) break;
        done += ready_.run();
    }
    if (association_->phase() == sessions::phase::closed && !ended_) on_association_closed();
}

void client_link::post_finish_turn()
{
    if (in_turn_ || std::exchange(turn_posted_, true)) return;
    asio::post(executor().any_executor(), [self = shared_from_this()] {
        self->turn_posted_ = false;
        self->finish_turn();
    });
}

void client_link::establish()
{
    auto facts = association_->take_facts();
    if (!facts) return;
    trace(trace_kind::established, 0, facts->cipher_suite);
    core_ = std::make_shared<session_core>(
        shared_from_this(), std::make_shared<const session_context>(session_context{executor()}),
        association_, std::move(*facts), false, nullptr);
    if (connect_) connect_.complete(error_code{}, session_core::make_handle(core_));
}

void client_link::on_association_closed()
{
    ended_ = true;
    const auto why = start_error_ ? start_error_ : error_of(*association_);
    const auto text = start_error_ ? why.message() : explain(*association_);
    trace(core_ ? trace_kind::closed : trace_kind::failed, 0, text);
    if (connect_) connect_.complete_later(executor(), why, session{});
    if (core_) std::exchange(core_, nullptr)->on_end(why);
    (void)port_.flush();
    port_.close();
}

void client_link::cancel_connect()
{
    if (!connect_) return;
    association_->abort(sessions::close_reason::closed_here);
    finish_turn();
}

void client_link::rearm()
{
    timer_.arm(ended_ ? no_deadline : association_->next_wake(),
               [self = shared_from_this()] { self->on_timer(); });
}

void client_link::on_timer()
{
    association_->on_timer(clock::now(), *this);
    finish_turn();
}

record::sealed client_link::send(sessions::association& association, wire::bytes message) noexcept
{
    const auto now = clock::now();
    const auto sealed = association.send(message, now, *this);
    if (sealed == record::sealed::exhausted)
        association.close_now(sessions::close_reason::sequence_exhausted, now, *this);
    post_finish_turn();
    return sealed;
}

void client_link::close(sessions::association& association) noexcept
{
    association.close(sessions::close_reason::closed_here, clock::now(), *this);
    post_finish_turn();
}

void client_link::enqueue_send(const sessions::association&, waiting_send& last) noexcept
{
    port_.send_queue().push(last);
    post_finish_turn();
}

void client_link::defer(ready_work work)
{
    ready_.add(std::move(work));
    post_finish_turn();
}

void client_link::abort() noexcept
{
    const auto keep = shared_from_this();
    ended_ = true;
    ready_.clear();
    connect_.discard();
    if (const auto core = std::exchange(core_, nullptr)) core->abort();
}

void client_link::trace_flight(trace_kind kind, wire::bytes datagram) const
{
    if (!trace_) return;
    observe::name_buffer buffer;
    const auto names = observe::name_flight(datagram, buffer);
    if (!names.empty()) trace(kind, datagram.size(), names);
}

void client_link::trace(trace_kind kind, std::size_t bytes, std::string_view text) const
{
    if (trace_)
        trace_({kind, clock::now(), to_asio(association_->path().local), to_asio(association_->path().peer),
                bytes, text});
}

}  // namespace quivive::runtime
