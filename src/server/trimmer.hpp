#pragma once

#include "server/free_pages.hpp"
#include "server/shard_executor.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace quivive::runtime {

/// Gives free memory of malloc back to the system, in slices between the turns of a shard. Use only on the
/// shard's executor.
class trimmer : public std::enable_shared_from_this<trimmer> {
public:
    explicit trimmer(shard_executor executor) : executor_{std::move(executor)} {}

    /// Starts after about `bytes` were freed.
    void begin(std::size_t bytes) noexcept;
    /// Skips the rest.
    void stop() noexcept { stopped_ = true; }

private:
    void post_slice() noexcept;
    void run_slice() noexcept;

    shard_executor executor_;
    free_pages freed_;
    bool posted_ = false;
    bool stopped_ = false;
};

}  // namespace quivive::runtime
