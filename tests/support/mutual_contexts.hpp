#pragma once

#include "tls/context.hpp"

#include <cstddef>
#include <memory>

namespace quivive::test {

/// A server that wants a certificate of each client, and a client that has one.
struct mutual_contexts {
    std::shared_ptr<const tls::context> server, client;
};

/// `padding`: of the client's certificate, in bytes.
[[nodiscard]] mutual_contexts with_certificates_both_ways(std::size_t padding = 0);

}  // namespace quivive::test
