#include "quivive/attempt.hpp"

#include "server/attempt_core.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/system_executor.hpp>

namespace quivive {

attempt::attempt() noexcept = default;
attempt::attempt(attempt&&) noexcept = default;
attempt::attempt(std::shared_ptr<runtime::attempt_core> core) noexcept : core_{std::move(core)} {}
attempt::~attempt() { refuse(); }

attempt& attempt::operator=(attempt&& other) noexcept
{
    attempt answered{std::move(*this)};  // its destructor refuses the former attempt
    core_ = std::move(other.core_);
    return *this;
}

boost::asio::ip::udp::endpoint attempt::local() const noexcept { return core_->known().local; }
boost::asio::ip::udp::endpoint attempt::peer() const noexcept { return core_->known().peer; }
bool attempt::cookie_proven() const noexcept { return core_->known().cookie_proven; }
const std::string& attempt::server_name() const noexcept { return core_->known().server_name; }

void attempt::start_accept(accept_handler handler)
{
    if (!core_)
        return runtime::complete_at_once(std::move(handler), boost::asio::system_executor{},
                                         boost::asio::error::bad_descriptor, session{});
    std::exchange(core_, nullptr)->accept(std::move(handler));
}

void attempt::refuse() noexcept
{
    if (core_) std::exchange(core_, nullptr)->refuse(true);
}

void attempt::ignore() noexcept
{
    if (core_) std::exchange(core_, nullptr)->refuse(false);
}

}  // namespace quivive
