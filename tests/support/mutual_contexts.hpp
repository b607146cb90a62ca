#pragma once

#include "tls/context.hpp"

#include <cstddef>
#include <memory>

namespace quivive::test {

/// A server that requires a client certificate, and a client that has one.
struct mutual_contexts {
    std::shared_ptr<const tls::context> server, client;
};

/// `padding`: bytes added to the client's certificate.
[[nodiscard]] mutual_contexts with_certificates_both_ways(std::size_t padding = 0);

}  // namespace quivive::test
