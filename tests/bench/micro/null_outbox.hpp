#pragma once

#include "wire/outbox.hpp"

#include <cstddef>

namespace quivive::bench {

/// Discards all datagrams.
struct null_outbox final : wire::outbox {
    std::size_t datagrams = 0;
    void send(const wire::path&, wire::bytes) noexcept override { ++datagrams; }
};

}  // namespace quivive::bench
