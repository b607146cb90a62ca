#include "program/exposer.hpp"

#include "program/exposition.hpp"
#include "program/service.hpp"

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

std::unique_ptr<prometheus::Exposer> listen_on(const boost::asio::ip::tcp::endpoint& where)
try {
    return std::make_unique<prometheus::Exposer>(text_of(where), 1);
} catch (const std::exception&) {  // which only says that a context is null
    throw std::runtime_error{"metrics: cannot listen on " + text_of(where) +
                             "; is the port taken, or the address not of this machine?"};
}

}  // namespace

struct exposer::parts {
    boost::asio::ip::tcp::endpoint where;
    std::shared_ptr<collector> source;
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
