#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace quivive::program {

class service;

/// Shows a scraper (Prometheus) what a service counts, by HTTP at /metrics, on threads of its own.
class exposer {
public:
    /// `counted` must outlive it. Throws `std::runtime_error` when the address cannot be bound, and
    /// `config_error` when the HTTP library knows no such addresses.
    exposer(const boost::asio::ip::tcp::endpoint& where, service& counted);
    ~exposer();
    exposer(const exposer&) = delete;
    exposer& operator=(const exposer&) = delete;

    /// "127.0.0.1:9464", with the real port.
    [[nodiscard]] std::string address() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace quivive::program
