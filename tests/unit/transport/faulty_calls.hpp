#pragma once

#include "transport/system_calls.hpp"

#include <cerrno>
#include <deque>
#include <optional>

namespace quivive::test {

/// System calls that fail by a script. Each step is an `errno`, or 0 for a call that reaches the kernel.
/// After the end of the script all calls reach the kernel. Only one object may exist at a time, since a
/// function pointer carries no object.
class faulty_calls {
public:
    explicit faulty_calls(std::deque<int> script) : script_{std::move(script)} { current_ = this; }
    ~faulty_calls() { current_ = nullptr; }
    faulty_calls(const faulty_calls&) = delete;
    faulty_calls& operator=(const faulty_calls&) = delete;

    [[nodiscard]] static transport::system_calls calls()
    {
        return {[](int fd, mmsghdr* headers, unsigned count, int flags, timespec* within) {
                    return current_->next() ? ::recvmmsg(fd, headers, count, flags, within) : -1;
                },
                [](int fd, mmsghdr* headers, unsigned count, int flags) {
                    if (!current_->next()) return -1;
                    return ::sendmmsg(fd, headers, current_->at_most_.value_or(count), flags);
                }};
    }

    /// From now on passes at most `count` datagrams to each sending call of the kernel, as if the kernel
    /// accepted no more.
    void send_at_most(unsigned count) { at_most_ = count; }
    [[nodiscard]] bool finished() const { return script_.empty(); }
    [[nodiscard]] int made() const { return made_; }

private:
    bool next()
    {
        ++made_;
        if (script_.empty()) return true;
        errno = script_.front();
        script_.pop_front();
        return errno == 0;
    }

    static inline faulty_calls* current_ = nullptr;
    std::deque<int> script_;
    std::optional<unsigned> at_most_;
    int made_ = 0;
};

}  // namespace quivive::test
