#include "quivive/session.hpp"

#include "server/address.hpp"
#include "server/session_core.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/system_executor.hpp>

namespace quivive {

namespace asio = boost::asio;

session::session() noexcept = default;
session::session(session&&) noexcept = default;
session::session(std::shared_ptr<runtime::session_core> core) noexcept : core_{std::move(core)} {}

session& session::operator=(session&& other) noexcept
{
    session ended{std::move(*this)};  // its destructor closes the former session
    core_ = std::move(other.core_);
    return *this;
}

session::~session()
{
    if (core_ && !core_->ended()) core_->run([core = core_] { core->close_handle(); });
}

session::executor_type session::get_executor() const noexcept
{
    return core_ ? core_->any_executor() : executor_type{asio::system_executor{}};
}

bool session::is_open() const noexcept { return core_ && core_->is_open(); }
const session_info& session::info() const { return core_->info(); }
asio::ip::udp::endpoint session::peer() const { return runtime::to_asio(core_->path().peer); }

void session::confirm_peer(const boost::asio::ip::udp::endpoint& where)
{
    if (core_ && !core_->ended())
        core_->run([core = core_, where = runtime::to_wire(where)] { core->confirm_peer(where); });
}

std::size_t session::max_message_size() const noexcept { return core_ ? core_->max_message_size() : 0; }

void session::start_receive(asio::mutable_buffer buffer, receive_handler handler)
{
    if (!core_)
        return runtime::complete_at_once(std::move(handler), get_executor(), asio::error::bad_descriptor, 0);
    core_->begin(
        runtime::session_core::operation_kind::receive, std::move(handler),
        [buffer](runtime::session_core& core, auto begun) { core.receive(buffer, std::move(begun)); });
}

void session::start_receive(view_handler handler)
{
    if (!core_)
        return runtime::complete_at_once(std::move(handler), get_executor(), asio::error::bad_descriptor, {});
    core_->begin(runtime::session_core::operation_kind::receive, std::move(handler),
                 [](runtime::session_core& core, auto begun) { core.receive(std::move(begun)); });
}

void session::start_send(asio::const_buffer buffer, receive_handler handler)
{
    if (!core_)
        return runtime::complete_at_once(std::move(handler), get_executor(), asio::error::bad_descriptor, 0);
    core_->begin(runtime::session_core::operation_kind::send, std::move(handler),
                 [buffer](runtime::session_core& core, auto begun) { core.send(buffer, std::move(begun)); });
}

void session::start_close(close_handler handler)
{
    if (!core_)
        return runtime::complete_at_once(std::move(handler), get_executor(), asio::error::bad_descriptor);
    core_->begin(runtime::session_core::operation_kind::close, std::move(handler),
                 [](runtime::session_core& core, auto begun) { core.close(std::move(begun)); });
}

void session::start_export(asio::const_buffer application, export_handler handler)
{
    if (!core_)
        return runtime::complete_at_once(std::move(handler), get_executor(), asio::error::bad_descriptor,
                                         std::vector<std::byte>{});
    const auto* const first = static_cast<const std::byte*>(application.data());
    core_->begin(std::move(handler),
                 [along = std::vector<std::byte>{first, first + application.size()}](
                     runtime::session_core& core, auto begun) { core.export_to(along, std::move(begun)); });
}

}  // namespace quivive
