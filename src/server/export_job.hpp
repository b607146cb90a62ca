#pragma once

#include "server/blob_file.hpp"
#include "server/pending_operation.hpp"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace quivive::runtime {

class shard;

/// Export of all sessions of a server to one file. Each shard adds its blobs and is then quiesced. When the
/// file is on the disk, all shards remove the exported sessions. When the file cannot be written and no blob
/// can ever be imported, the sessions continue unchanged. Thread-safe.
class export_job : public std::enable_shared_from_this<export_job> {
public:
    using handler_type = boost::asio::any_completion_handler<void(error_code, std::size_t)>;

    export_job(std::filesystem::path folder, std::vector<std::shared_ptr<shard>> shards,
               shard_executor executor, handler_type handler);

    /// The folder that the blobs are sealed for.
    [[nodiscard]] const state_folder& sealed_for() const noexcept { return *state_; }

    /// Sets the folder to seal for. Call before `begin`.
    void seal_for(std::shared_ptr<state_folder> folder) noexcept { state_ = std::move(folder); }
    void begin();
    /// Completes the operation with `why`. Call it instead of `begin`.
    void refuse(error_code why);
    /// Adds the sessions of one shard.
    void add(std::vector<std::vector<std::byte>> blobs);

    /// Returns whether the export no longer uses the shards.
    [[nodiscard]] bool completed() const noexcept { return completed_.load(); }

private:
    void complete();

    std::shared_ptr<state_folder> state_;
    std::filesystem::path folder_;
    std::vector<std::shared_ptr<shard>> shards_;
    shard_executor executor_;
    pending_operation<error_code, std::size_t> export_;
    std::atomic<bool> completed_{false};

    std::mutex mutex_;
    std::vector<std::vector<std::byte>> blobs_;
    std::size_t awaited_;
};

}  // namespace quivive::runtime
