#include "transport/socket_error.hpp"

namespace quivive::transport {

bool may_stem_from_icmp(int number) noexcept
{
    switch (number) {  // errors that Linux derives from the types and codes of ICMP and ICMPv6
        case ECONNREFUSED:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EHOSTDOWN:
        case ENONET:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case EPROTO:
        case EACCES:
        case EMSGSIZE:
            return true;
        default:
            return false;
    }
}

}  // namespace quivive::transport
