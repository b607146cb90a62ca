#pragma once

#include "wire/outbox.hpp"

#include <cstddef>

namespace quivive::bench {

/// Where datagrams end that nobody wants.
struct null_outbox final : wire::outbox {
    std::size_t datagrams = 0;
    void send(const wire::path&, wire::bytes) noexcept override { ++datagrams; }
};

}  // namespace quivive::bench
