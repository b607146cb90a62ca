#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace quivive::program {

class service;

/// Serves the metrics of a service to a scraper (Prometheus) over HTTP at /metrics. Has its own threads.
class exposer {
public:
    /// `counted` must outlive the exposer. Throws `std::runtime_error` when the address cannot be bound, and
    /// `config_error` when the HTTP library does not support its family.
    exposer(const boost::asio::ip::tcp::endpoint& where, service& counted);
    ~exposer();
    exposer(const exposer&) = delete;
    exposer& operator=(const exposer&) = delete;

    /// Returns the bound address, such as "127.0.0.1:9464", with the actual port.
    [[nodiscard]] std::string address() const;

private:
    struct dependencies;
    std::unique_ptr<dependencies> dependencies_;
};

}  // namespace quivive::program
