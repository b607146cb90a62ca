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

/// Collects the metrics at each scrape, on a thread of the exposer.
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

/// Returns the system's error for listening on an address, if any.
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
    // Two threads and a short timeout: a silent connection does not block a scraper.
    return std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", text_of(where), "num_threads", "2", "request_timeout_ms", "5000"});
} catch (const std::exception&) {  // its text only reports a null context
    const auto what = "metrics: cannot listen on " + text_of(where) + ": ";
    if (const auto error = objection(where)) throw std::runtime_error{what + error.message()};
    if (where.address().is_v6())  // as in Debian
        throw config_error{what + "the HTTP library was built without IPv6; give an IPv4 address"};
    throw std::runtime_error{what + "the HTTP library refused the address without a reason"};
}

}  // namespace

struct exposer::dependencies {
    boost::asio::ip::tcp::endpoint where;
    std::shared_ptr<prometheus::Collectable> source;
    std::unique_ptr<prometheus::Exposer> server;
};

exposer::exposer(const boost::asio::ip::tcp::endpoint& where, service& counted)
    : dependencies_{std::make_unique<dependencies>(
          dependencies{where, std::make_shared<collector>(counted), listen_on(where)})}
{
    dependencies_->server->RegisterCollectable(dependencies_->source);
}

exposer::~exposer() = default;

std::string exposer::address() const
{
    auto where = dependencies_->where;
    where.port(static_cast<std::uint16_t>(dependencies_->server->GetListeningPorts().front()));
    return text_of(where);
}

}  // namespace quivive::program
