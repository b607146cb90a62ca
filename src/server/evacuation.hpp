#pragma once

#include "quivive/error.hpp"
#include "server/state_directory.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace quivive::detail {

class shard;

/// All sessions of a server on their way into one file. Each shard stops reading and gives its blobs; when
/// the file is on the disk they all let the sessions go, and when it cannot be written they go on as if
/// nothing had been. Thread-safe.
class evacuation : public std::enable_shared_from_this<evacuation> {
public:
    using handler_type = boost::asio::any_completion_handler<void(error_code, std::size_t)>;

    evacuation(std::shared_ptr<state_directory> state, std::filesystem::path folder,
               std::vector<std::shared_ptr<shard>> shards, boost::asio::any_io_executor home,
               handler_type handler);

    [[nodiscard]] const secret& key() const noexcept { return state_->key(); }

    void begin();
    /// A shard's sessions.
    void add(std::vector<std::vector<std::byte>> blobs);

private:
    void finish();

    std::shared_ptr<state_directory> state_;
    std::filesystem::path folder_;
    std::vector<std::shared_ptr<shard>> shards_;
    boost::asio::any_io_executor home_;
    handler_type handler_;

    std::mutex mutex_;
    std::vector<std::vector<std::byte>> blobs_;
    std::size_t awaited_;
};

}  // namespace quivive::detail
