// chat [ADDR:PORT]: sends each client's messages to all others. Shows a subclass of `session_handler`, which
// decides about admission, runs a coroutine for each session, and learns of its end.
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
    /// Decides about a new client before the server keeps any state of it. A full room does not answer.
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
        co_await (listen(self) || write(self));  // when one ends, the other is cancelled
    }

    void closed(const quivive::session_info& info, quivive::error_code why) noexcept override
    {
        std::cout << info.peer << " left: " << why.message() << std::endl;
    }

private:
    using line = std::shared_ptr<const std::string>;
    static constexpr std::size_t most_members = 100, most_unread = 32;

    /// A client in the room: adds itself to the set, and removes itself when destroyed. All sessions of the
    /// server share one strand of its executor, so the set needs no lock.
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

    /// Queues a message for all other clients. A client with a full queue misses it, and delays no other.
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
