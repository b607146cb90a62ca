#include "program/exposer.hpp"

#include "program/exposition.hpp"
#include "program/service.hpp"
#include "quivive/error.hpp"

#include <boost/asio/io_context.hpp>

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <exception>
#include <stdexcept>

namespace quivive::program {
namespace {

/// Asked by the exposer's threads, each time it is scraped.
class collector final : public prometheus::Collectable {
public:
    explicit collector(service& counted) noexcept : counted_{counted} {}

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override
    {
        return exposition(counted_.counted(), counted_.counts());
    }

private:
    service& counted_;
};

std::string text_of(const boost::asio::ip::tcp::endpoint& end)
{
    return to_string(boost::asio::ip::udp::endpoint{end.address(), end.port()});
}

/// What the system has against an address, if anything.
boost::system::error_code objection(const boost::asio::ip::tcp::endpoint& where)
{
    using boost::asio::ip::tcp;
    boost::asio::io_context io;
    tcp::acceptor trial{io};
    boost::system::error_code error;
    trial.open(where.protocol(), error);
    if (!error) trial.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) trial.bind(where, error);
    if (!error) trial.listen(tcp::acceptor::max_listen_connections, error);
    return error;
}

std::unique_ptr<prometheus::Exposer> listen_on(const boost::asio::ip::tcp::endpoint& where)
try {
    // Two threads, and little patience: who connects and says nothing keeps no scraper waiting.
    return std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", text_of(where), "num_threads", "2", "request_timeout_ms", "5000"});
} catch (const std::exception&) {  // which only says that a context is null
    const auto what = "metrics: cannot listen on " + text_of(where) + ": ";
    if (const auto error = objection(where)) throw std::runtime_error{what + error.message()};
    if (where.address().is_v6())  // as Debian's
        throw config_error{what + "the HTTP library here was built without IPv6; give an IPv4 address"};
    throw std::runtime_error{what + "the HTTP library did not take it, and does not say why"};
}

}  // namespace

struct exposer::parts {
    boost::asio::ip::tcp::endpoint where;
    std::shared_ptr<prometheus::Collectable> source;
    std::unique_ptr<prometheus::Exposer> server;
};

exposer::exposer(const boost::asio::ip::tcp::endpoint& where, service& counted)
    : parts_{std::make_unique<parts>(parts{where, std::make_shared<collector>(counted), listen_on(where)})}
{
    parts_->server->RegisterCollectable(parts_->source);
}

exposer::~exposer() = default;

std::string exposer::address() const
{
    auto where = parts_->where;
    where.port(static_cast<std::uint16_t>(parts_->server->GetListeningPorts().front()));
    return text_of(where);
}

}  // namespace quivive::program
