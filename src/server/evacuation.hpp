#pragma once

#include "server/blob_file.hpp"
#include "server/pending_operation.hpp"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace quivive::detail {

class shard;

/// All sessions of a server on their way into one file. Each shard gives its blobs and stands still; when the
/// file is on the disk they all let the sessions go; when it cannot be written, and so that nobody can ever
/// import one of them, they go on as if nothing had been. Thread-safe.
class evacuation : public std::enable_shared_from_this<evacuation> {
public:
    using handler_type = boost::asio::any_completion_handler<void(error_code, std::size_t)>;

    evacuation(std::filesystem::path folder, std::vector<std::shared_ptr<shard>> shards, home where,
               handler_type handler);

    /// Whom the blobs are for.
    [[nodiscard]] const state_folder& sealed_for() const noexcept { return *state_; }

    /// To be called before `begin`.
    void seal_for(std::shared_ptr<state_folder> folder) noexcept { state_ = std::move(folder); }
    void begin();
    /// Instead of `begin`.
    void refuse(error_code why);
    /// A shard's sessions.
    void add(std::vector<std::vector<std::byte>> blobs);

    /// It will not touch the shards any more.
    [[nodiscard]] bool over() const noexcept { return over_.load(); }

private:
    void finish();

    std::shared_ptr<state_folder> state_;
    std::filesystem::path folder_;
    std::vector<std::shared_ptr<shard>> shards_;
    home home_;
    pending_operation<error_code, std::size_t> export_;
    std::atomic<bool> over_{false};

    std::mutex mutex_;
    std::vector<std::vector<std::byte>> blobs_;
    std::size_t awaited_;
};

}  // namespace quivive::detail
