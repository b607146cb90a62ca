#include "server/server_core.hpp"

#include "server/address.hpp"
#include "server/listen.hpp"
#include "server/random_hash_key.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

/// How long a stopped server's threads continue, so that handlers can see the end of their sessions and
/// finish.
constexpr std::chrono::milliseconds linger{500};

std::size_t thread_count(const server_config& config)
{
    return config.threads > 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

server_core::server_core(std::optional<asio::any_io_executor> executor, server_config config)
    : log_{config.log, config.log_level}
{
    const auto count = executor ? 1 : thread_count(config);
    configured_ = std::make_shared<const config_snapshot>(std::move(config), count, nullptr);
    pin_ = configured_->context()->pin();
    open_state();
    make_shards(std::move(executor), count);
    warn_about(*configured_);
    start_threads();
}

void server_core::make_shards(std::optional<asio::any_io_executor> executor, std::size_t count)
{
    const auto& config = configured_->config();
    auto sockets = open_sockets(config, count);
    for (const auto& socket : sockets.front()) local_.push_back(to_asio(socket.local_endpoint()));

    std::vector<shard_executor> executors;
    for (std::size_t i = 0; i < count; ++i) {
        if (!executor) own_.emplace_back(new own_context);
        executors.push_back(executor ? shard_executor{*executor} : shard_executor{*own_.back()});
    }
    // Operations that belong to no shard complete on the first shard's executor.
    acceptor_ = std::make_shared<runtime::acceptor>(executors.front(), config.limits.max_unaccepted);
    stop_state_ = std::make_shared<stop_state>(count, executors.front());
    const auto folder = state_ ? state_->current() : nullptr;
    group_ = std::make_shared<shard_group>(make_id_codec(folder.get(), count), random_hash_key());
    if (config.connection_ids.enabled) group_->expect_ids();
    if (config.handshake_threads > 0)
        pool_ = std::make_shared<handshake_pool>(config.handshake_threads, config.limits.handshake_queue);

    for (std::size_t i = 0; i < count; ++i) {
        shards_.push_back(std::make_shared<shard>(
            executors[i], shard::dependencies{configured_, log_, acceptor_, std::move(sockets[i]), group_, i,
                                              state_, pool_}));
        group_->add(shards_.back());
    }
}

void server_core::warn_about(const config_snapshot& configured) const
{
    for (const auto& warning : warnings(configured.config())) log_.write(log_level::warning, warning);
    for (const auto& warning : configured.file_warnings()) log_.write(log_level::warning, warning);
    for (const auto& note : configured.file_notes()) log_.write(log_level::info, note);
}

std::shared_ptr<const config_snapshot> server_core::configured() const
{
    const std::lock_guard lock{mutex_};
    return configured_;
}

/// Does everything that can fail first, and then posts the new configuration to every shard.
std::vector<std::string> server_core::reload(server_config config)
{
    std::unique_lock one_at_a_time{reloading_};
    const auto running = configured();
    auto kept = restore_fixed_settings(config, running->config());
    const auto next =
        std::make_shared<const config_snapshot>(std::move(config), shards_.size(), running.get());
    std::vector<std::unique_ptr<gate::cookie_keys>> keys(shards_.size());
    if (!next->accepts_cookies_of(*running))
        for (auto& of_shard : keys) of_shard = next->make_keys(clock::now());

    {
        const std::lock_guard lock{mutex_};
        configured_ = next;
        ++reloads_;
    }
    pin_ = next->context()->pin();
    log_.set_level(next->config().log_level);
    buffered_log log_lines;
    use_secrets(*next, log_lines);
    acceptor_->limit(next->config().limits.max_unaccepted);
    if (pool_) pool_->limit(next->config().limits.handshake_queue);
    for (std::size_t i = 0; i < shards_.size(); ++i)
        shards_[i]->executor().post(
            [shard = shards_[i], next, k = std::move(keys[i])]() mutable { shard->use(next, std::move(k)); });
    one_at_a_time.unlock();  // before logging: the log is user code
    log_lines.write_to(log_);
    warn_about(*next);
    return kept;
}

server_core::~server_core()
{
    stop(std::chrono::milliseconds{0});
    join();
    if (pool_) pool_->stop();  // the pool may hold the last reference to a shard
}

void server_core::close(std::shared_ptr<server_core> core) noexcept
{
    if (!core->on_own_thread()) return;  // here the destructor of `core` stops the server
    core->stop(std::chrono::milliseconds{0});
    auto* const stopped = core.get();
    stopped->last_owner_ = std::move(core);
    try {
        std::thread{[stopped] { const auto last = std::move(stopped->last_owner_); }}.detach();
    } catch (const std::system_error&) {  // no thread can be created: the server has stopped, and its memory
                                          // is never freed
    }
}

bool server_core::on_own_thread() const noexcept
{
    return (pool_ && pool_->runs_here()) ||
           std::ranges::any_of(own_, [](const auto& own) { return own->runs_here(); });
}

void server_core::start_threads()
try {
    for (std::size_t i = 0; i < own_.size(); ++i)
        threads_.emplace_back([context = own_[i], shard = shards_[i]] {
            context->run_until_stopped(linger, [&] { shard->callback_failed(); });
        });
} catch (...) {
    stop(std::chrono::milliseconds{0});
    for (auto i = threads_.size(); i < own_.size(); ++i) {  // contexts without a thread
        own_[i]->poll();
        own_[i]->close();
    }
    join();
    throw;
}

void server_core::serve(std::shared_ptr<session_handler> handler)
{
    acceptor_->close(errc::already_serving);
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
    for (const auto& shard : shards_) shard->executor().run([shard, handler] { shard->serve(handler); });
}

void server_core::stop(std::chrono::milliseconds within)
{
    acceptor_->close(errc::server_stopped);
    std::function<void()> done;
    if (stop_state_->begin()) {
        std::vector<asio::io_context*> own;
        for (const auto& io : own_) own.push_back(io.get());
        done = [down = stop_state_, own] {
            if (down->shard_stopped())
                for (auto* const io : own) io->stop();
        };
    }
    for (const auto& shard : shards_)
        shard->executor().run_unless_closed([shard, within, done] { shard->stop(within, done); });
}

void server_core::stop(std::chrono::milliseconds within,
                       asio::any_completion_handler<void(error_code)> handler)
{
    stop_state_->wait(std::move(handler));
    stop(within);
}

void server_core::join()
{
    if (on_own_thread())
        throw std::system_error{std::make_error_code(std::errc::resource_deadlock_would_occur),
                                "server::join on a thread of the server"};
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

void server_core::trim_memory()
{
    for (const auto& shard : shards_) shard->executor().post([shard] { shard->trim_memory(); });
}

quivive::metrics server_core::metrics() const
{
    quivive::metrics sum;
    for (const auto& shard : shards_) sum += shard->counters().snapshot();
    const std::lock_guard lock{mutex_};
    sum.trust_all_networks = configured_->config().cookies.trust_all_networks ? 1 : 0;
    sum.never_networks = configured_->never_networks();
    sum.reloads = reloads_;
    sum.handshake_steps_waiting = pool_ ? pool_->waiting() : 0;
    return sum;
}

}  // namespace quivive::runtime
