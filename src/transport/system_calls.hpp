#pragma once

#include <sys/socket.h>

namespace quivive::transport {

/// System calls that transfer datagrams. Only tests replace them, to make the n-th call fail.
struct system_calls {
    int (*recvmmsg)(int, mmsghdr*, unsigned, int, timespec*) = ::recvmmsg;
    int (*sendmmsg)(int, mmsghdr*, unsigned, int) = ::sendmmsg;
};

}  // namespace quivive::transport
