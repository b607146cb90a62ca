#include "faults/injection.hpp"

#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/socket.h>

// The system calls of the transport, and the one by which Asio registers a socket. The linker's --wrap
// redirects the calls to these functions. A failing call returns -1 and sets `errno`.

using quivive::test::fails_now;

/// FAULTY(function, parameters, arguments).
#define FAULTY(name, parameters, arguments)                                                  \
    extern "C" int __real_##name parameters;                                                 \
    extern "C" int __wrap_##name parameters;                                                 \
    int __wrap_##name parameters { return fails_now(#name) ? -1 : __real_##name arguments; } \
    static const quivive::test::injectable name##_is_injectable{#name};

// clang-format off
FAULTY(socket, (int family, int type, int protocol), (family, type, protocol))
FAULTY(bind, (int fd, const sockaddr* at, socklen_t size), (fd, at, size))
FAULTY(connect, (int fd, const sockaddr* to, socklen_t size), (fd, to, size))
FAULTY(getsockname, (int fd, sockaddr* name, socklen_t* size), (fd, name, size))
FAULTY(setsockopt, (int fd, int level, int name, const void* value, socklen_t size), (fd, level, name, value, size))
FAULTY(recvmmsg, (int fd, mmsghdr* into, unsigned count, int flags, timespec* within), (fd, into, count, flags, within))
FAULTY(sendmmsg, (int fd, mmsghdr* from, unsigned count, int flags), (fd, from, count, flags))
FAULTY(epoll_ctl, (int epoll, int what, int fd, epoll_event* event), (epoll, what, fd, event))
// clang-format on
#undef FAULTY

// A std::thread that the system cannot start. Its constructor calls this function. The second parameter is an
// object that the ABI passes by address.
extern "C" void __real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    void* thread, void* state, void (*)());
extern "C" void __wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    void* thread, void* state, void (*uses_threads)());
void __wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    void* thread, void* state, void (*uses_threads)())
{
    if (fails_now("std::thread")) throw std::system_error{errno, std::generic_category()};
    __real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
        thread, state, uses_threads);
}
