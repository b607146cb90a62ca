#pragma once

#include "server/buffered_log.hpp"
#include "server/level_log.hpp"
#include "server/state_folder.hpp"

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace quivive::runtime {

/// `server_config::state`: data that a server leaves for the next process, in a folder that only its owner
/// may write to.
///
///     id, key            source of the secret that seals blobs (`state_folder`)
///     used.DAY           marks of imported blobs (`single_use_registry`)
///     sessions.SERIAL    sessions that wait to be imported (`blob_file`)
///
/// Several processes may share it, one after the other or at the same time. Thread-safe.
class state_directory {
public:
    /// Creates the folder if it is missing. `shared`: secrets used instead of the folder's own key, the
    /// newest first; empty: the folder has its own key. Throws `config_error`, whose sentence begins with
    /// "state: ".
    state_directory(std::string path, std::vector<secret> shared, level_log log);

    /// Returns the folder as it is now. A folder removed since the last call is created again with the same
    /// key. A replaced folder is opened. Both are logged. Throws `std::filesystem::filesystem_error` or
    /// `config_error` when no folder can be used, and logs that too.
    [[nodiscard]] std::shared_ptr<state_folder> current();

    /// Replaces the secrets, checks the folder and returns it. Returns null when no folder can be used. Adds
    /// log lines to `log_lines`, since the caller may hold a lock.
    [[nodiscard]] std::shared_ptr<state_folder> use(std::vector<secret> shared, buffered_log& log_lines);

private:
    [[nodiscard]] std::exception_ptr open(buffered_log& log_lines);

    const std::string path_;
    level_log log_;
    std::mutex mutex_;  ///< guards the members below
    std::vector<secret> shared_;
    std::shared_ptr<state_folder> folder_;
    bool has_other_secrets_ = false;  ///< `shared_` has changed since `folder_` was opened
};

}  // namespace quivive::runtime
