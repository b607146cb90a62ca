#include "quivive/server.hpp"

#include "server/server_core.hpp"

namespace quivive {

server::server(boost::asio::any_io_executor executor, server_config config)
    : core_{std::make_shared<runtime::server_core>(std::move(executor), std::move(config))}
{
}

server::server(server_config config)
    : core_{std::make_shared<runtime::server_core>(std::nullopt, std::move(config))}
{
}

server::server(server&&) noexcept = default;
server::~server()
{
    if (core_) runtime::server_core::close(std::move(core_));
}

void server::serve(std::shared_ptr<session_handler> handler) { core_->serve(std::move(handler)); }
void server::stop(std::chrono::milliseconds deadline) { core_->stop(deadline); }
void server::join() { core_->join(); }
std::vector<boost::asio::ip::udp::endpoint> server::local_endpoints() const
{
    return core_->local_endpoints();
}
std::vector<std::string> server::reload(server_config config) { return core_->reload(std::move(config)); }
void server::trim_memory() { core_->trim_memory(); }
const std::string& server::pin() const noexcept { return core_->pin(); }
metrics server::metrics() const { return core_->metrics(); }
void server::start_accept(accept_handler handler) { core_->accept(std::move(handler)); }

void server::start_stop(std::chrono::milliseconds deadline, stop_handler handler)
{
    core_->stop(deadline, std::move(handler));
}

error_code server::import_session(std::span<const std::byte> blob) { return core_->import_session(blob); }

server::import_result server::import_all(const std::filesystem::path& directory)
{
    return core_->import_all(directory);
}

void server::start_export_all(std::filesystem::path directory, export_handler handler)
{
    core_->export_all(std::move(directory), std::move(handler));
}

}  // namespace quivive
