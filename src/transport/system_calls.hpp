#pragma once

#include <sys/socket.h>

namespace quivive::transport {

/// The system calls that carry datagrams. Others than the kernel's are put in only by tests, to see what
/// happens when the n-th one fails.
struct system_calls {
    int (*recvmmsg)(int, mmsghdr*, unsigned, int, timespec*) = ::recvmmsg;
    int (*sendmmsg)(int, mmsghdr*, unsigned, int) = ::sendmmsg;
};

}  // namespace quivive::transport
