#pragma once

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace quivive::test {

/// The built `quivive` command, run as `quivive echo --listen ...`; stopped by the destructor.
class program {
public:
    explicit program(std::vector<std::string> more_arguments = {}, const std::string& listen = "127.0.0.1:0");
    ~program();
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    [[nodiscard]] const boost::asio::ip::udp::endpoint& address() const { return address_; }
    /// Returns its resident memory.
    [[nodiscard]] std::size_t resident_bytes() const;

    /// Makes it reload its --config and waits for the result. Returns true when the file was accepted.
    bool reload();

    /// Interrupts it and waits. Returns its exit code, or -1 when a signal ended it.
    int stop();
    /// Returns a counter of its report, which must be present; call after `stop`.
    [[nodiscard]] std::uint64_t counter(const std::string& name) const;
    /// Returns its output to stdout and stderr.
    [[nodiscard]] const std::string& output() const { return output_; }

private:
    bool read_some();

    pid_t pid_ = -1;
    int from_ = -1;
    std::string output_;
    boost::asio::ip::udp::endpoint address_;
};

}  // namespace quivive::test
