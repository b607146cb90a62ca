#include "server/server_core.hpp"

#include "config/cookie_policy.hpp"
#include "server/address.hpp"
#include "server/listen.hpp"

#include <boost/asio/system_executor.hpp>

#include <algorithm>

namespace quivive::detail {

namespace asio = boost::asio;

namespace {

/// How long a stopped server's threads go on, so that handlers can see the end of their sessions.
constexpr std::chrono::milliseconds last_words{500};

std::shared_ptr<const server_config> checked(server_config config)
{
    if (auto problems = validate(config); !problems.empty()) throw config_error{std::move(problems)};
    return std::make_shared<const server_config>(std::move(config));
}

std::size_t thread_count(const server_config& config)
{
    return config.threads > 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
}

/// One shard's part of what is meant for the whole server.
limits share(limits all, std::size_t shards)
{
    for (const auto member : {&limits::max_sessions, &limits::max_half_open,
                              &limits::max_half_open_per_source, &limits::receive_queue_bytes_total})
        all.*member = (all.*member + shards - 1) / shards;
    return all;
}

}  // namespace

server_core::server_core(std::optional<asio::any_io_executor> executor, server_config config)
    : config_{checked(std::move(config))},
      context_{tls::make_server_context(
          config_->credentials,
          {.dtls_1_0 = config_->dtls_1_0, .priority = config_->priority, .alpn = config_->alpn})}
{
    make_shards(std::move(executor));
    warn_about_config();
    for (std::size_t i = 0; i < own_.size(); ++i) threads_.emplace_back([this, i] { run_thread(i); });
}

void server_core::make_shards(std::optional<asio::any_io_executor> executor)
{
    const auto count = executor ? 1 : thread_count(*config_);
    auto sockets = open_sockets(*config_, count);
    for (const auto& socket : sockets.front()) local_.push_back(to_asio(socket.local_endpoint()));

    // Where what belongs to no shard completes; an io_context of ours may have ended by then.
    asio::any_io_executor common = asio::system_executor{};
    if (executor) common = *executor;
    acceptor_ = std::make_shared<detail::acceptor>(common, config_->limits.max_unaccepted);
    way_down_ = std::make_shared<way_down>(count, common);

    for (std::size_t i = 0; i < count; ++i) {
        if (!executor) own_.push_back(std::make_unique<asio::io_context>(1));
        const auto where = executor ? home{*executor} : home{*own_.back()};
        shards_.push_back(
            std::make_shared<shard>(where, shard::parts{config_, share(config_->limits, count), context_,
                                                        acceptor_, std::move(sockets[i])}));
    }
}

void server_core::warn_about_config() const
{
    if (!config_->log) return;
    if (config_->cookies.exchange == cookie_exchange::never)
        config_->log(
            log_level::warning,
            "the cookie exchange is off for everyone (RFC 6347 4.2.1): a forged source address costs this "
            "server a handshake's memory and CPU, and its owner several times the bytes");
    if (context_->has_rsa_key())
        config_->log(log_level::warning,
                     "the certificate has an RSA key; a P-256 key makes handshakes about ten "
                     "times cheaper");
    if (config_->dtls_1_0) config_->log(log_level::warning, "DTLS 1.0 is offered, against RFC 9325 3.1.2");
}

server_core::~server_core()
{
    stop(std::chrono::milliseconds{0});
    join();
    if (!own_.empty())
        for (const auto& shard : shards_) shard->home().close();
    // Shards first, then the io_contexts they live on; what handlers still hold there outlives neither.
    shards_.clear();
    acceptor_.reset();
    own_.clear();
}

void server_core::run_thread(std::size_t index)
{
    auto& io = *own_[index];
    {
        const auto work = asio::make_work_guard(io);
        io.run();  // until the shard has stopped
    }
    io.restart();
    io.run_for(last_words);
}

void server_core::serve(std::shared_ptr<session_handler> handler)
{
    acceptor_->end(errc::already_serving);
    start_serving(handler);
}

void server_core::accept(acceptor::handler_type handler)
{
    start_serving(nullptr);
    acceptor_->accept(std::move(handler));
}

void server_core::start_serving(const std::shared_ptr<session_handler>& handler)
{
    if (serving_.exchange(true) && !handler) return;
    for (const auto& shard : shards_) shard->home().run([shard, handler] { shard->serve(handler); });
}

void server_core::stop(std::chrono::milliseconds within)
{
    acceptor_->end(errc::server_stopped);
    const bool first = way_down_->begin();
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        auto done = [down = way_down_, own = own_.empty() ? nullptr : own_[i].get()] {
            down->shard_stopped();
            if (own) own->stop();
        };
        shards_[i]->home().run([shard = shards_[i], within, first, done] {
            shard->stop(within, first ? std::function<void()>{done} : nullptr);
        });
    }
}

void server_core::stop(std::chrono::milliseconds within,
                       asio::any_completion_handler<void(error_code)> handler)
{
    way_down_->wait(std::move(handler));
    stop(within);
}

void server_core::join()
{
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

quivive::metrics server_core::metrics() const
{
    quivive::metrics sum;
    for (const auto& shard : shards_) sum += shard->counters().snapshot();
    return sum;
}

}  // namespace quivive::detail
