#include "quivive/error.hpp"

#include <gnutls/gnutls.h>

namespace quivive {

namespace {

// Boost's base has a protected destructor without `virtual`, so GCC warns here. No code deletes a category.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class gnutls_category final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "gnutls"; }

    // Never null: GnuTLS has a text for unknown codes.
    [[nodiscard]] std::string message(int code) const override { return gnutls_strerror(code); }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& tls_category() noexcept
{
    static const gnutls_category category;
    return category;
}

}  // namespace quivive
