#include "tls/random.hpp"

#include "tls/handles.hpp"

#include <gnutls/crypto.h>

namespace quivive::tls {

void fill_random(std::span<std::byte> out)
{
    check(gnutls_rnd(GNUTLS_RND_KEY, out.data(), out.size()), "gnutls_rnd");
}

}  // namespace quivive::tls
