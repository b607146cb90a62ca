#pragma once

#include "support/tls_pair.hpp"

#include <memory>

namespace quivive::test {

/// Returns a client context whose hello has some 500 bytes and needs two datagrams or more.
inline std::shared_ptr<const tls::context> talkative_client()
{
    static const auto context = [] {
        tls::context_options options;
        for (char c = 'a'; c < 'i'; ++c) options.alpn.emplace_back(31, c);
        return client_context_with(options);
    }();
    return context;
}

}  // namespace quivive::test
