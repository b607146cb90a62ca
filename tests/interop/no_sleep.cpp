// Linked into a server: aborts where GnuTLS would sleep. GnuTLS sleeps for 50 ms at each EAGAIN of a session
// without GNUTLS_NONBLOCK.
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string_view>

extern "C" int nanosleep(const timespec*, timespec*)
{
    constexpr std::string_view told = "GnuTLS sleeps\n";
    if (write(STDERR_FILENO, told.data(), told.size()) < 0) std::exit(1);
    std::abort();
}
