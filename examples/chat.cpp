// chat ADDR:PORT: what one client says, all others hear. Shows a subclass of `session_handler`: who may come
// in, what runs for each, what happens when one leaves.
#include <quivive/quivive.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <iostream>
#include <memory>
#include <set>
#include <string>

namespace asio = boost::asio;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);

class chat final : public quivive::session_handler {
public:
    /// Before any state is made of the newcomer. A full room does not answer.
    quivive::admission admit(const quivive::client_hello&) override
    {
        return members_.size() < most_members ? quivive::admission::by_policy : quivive::admission::drop;
    }

    asio::awaitable<void> run(quivive::session session) override
    {
        using namespace asio::experimental::awaitable_operators;
        member self{members_, std::move(session), co_await asio::this_coro::executor};
        std::cout << self.session.info().peer << " joined" << std::endl;
        say(self, "joined");
        co_await (listen(self) || write(self));  // the end of one ends the other
    }

    void closed(const quivive::session_info& info, quivive::error_code why) noexcept override
    {
        std::cout << info.peer << " left: " << why.message() << std::endl;
    }

private:
    using line = std::shared_ptr<const std::string>;
    static constexpr std::size_t most_members = 100, most_unread = 32;

    /// In the set for as long as it lives. The server has one executor, and all its sessions share a strand
    /// of it, so the set needs no lock.
    struct member {
        member(std::set<member*>& all, quivive::session own, const asio::any_io_executor& executor)
            : members{all}, session{std::move(own)}, unread{executor, most_unread}
        {
            members.insert(this);
        }
        ~member() { members.erase(this); }

        std::set<member*>& members;
        quivive::session session;
        asio::experimental::channel<void(quivive::error_code, line)> unread;
    };

    asio::awaitable<void> listen(member& self)
    {
        for (;;) {
            const auto [end, message] = co_await self.session.async_receive(token);
            if (end) co_return;
            say(self, {static_cast<const char*>(message.data()), message.size()});
        }
    }

    static asio::awaitable<void> write(member& self)
    {
        for (;;) {
            const auto [end, next] = co_await self.unread.async_receive(token);
            if (end) co_return;
            co_await self.session.async_send(asio::buffer(*next), token);
        }
    }

    /// One who reads too slowly misses what does not fit, and holds up nobody.
    void say(const member& from, std::string_view what)
    {
        const auto text = std::make_shared<const std::string>(quivive::to_string(from.session.info().peer) +
                                                              ": " + std::string{what});
        for (auto* other : members_)
            if (other != &from) other->unread.try_send(quivive::error_code{}, text);
    }

    std::set<member*> members_;
};

}  // namespace

int main(int argc, char** argv)
{
    quivive::server_config config;
    config.listen.push_back(quivive::parse_endpoint(argc > 1 ? argv[1] : "127.0.0.1:4433").value());
    config.credentials.self_signed_if_none = true;

    asio::io_context io;
    quivive::server server{io.get_executor(), std::move(config)};
    server.serve(std::make_shared<chat>());
    std::cout << "listening on " << server.local_endpoints().front() << "\npin " << server.pin() << std::endl;
    io.run();
}
