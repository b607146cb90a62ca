#pragma once

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace quivive::test {

/// The built `quivive` command, run as `quivive echo --listen ...`; ended when destroyed.
class program {
public:
    explicit program(std::vector<std::string> more_arguments = {}, const std::string& listen = "127.0.0.1:0");
    ~program();
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    [[nodiscard]] const boost::asio::ip::udp::endpoint& address() const { return address_; }
    /// Resident memory now.
    [[nodiscard]] std::size_t resident_bytes() const;

    /// Has it read its --config again, and waits until it has said what came of that: true when it was taken.
    bool reload();

    /// Interrupts it and waits; its exit code, -1 when it did not exit by itself.
    int stop();
    /// A counter of its report, which must be there; after `stop`.
    [[nodiscard]] std::uint64_t counter(const std::string& name) const;
    /// What it has written, to stdout and to stderr.
    [[nodiscard]] const std::string& output() const { return output_; }

private:
    bool read_some();

    pid_t pid_ = -1;
    int from_ = -1;
    std::string output_;
    boost::asio::ip::udp::endpoint address_;
};

}  // namespace quivive::test
