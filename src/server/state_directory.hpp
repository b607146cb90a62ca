#pragma once

#include "server/kept_lines.hpp"
#include "server/level_log.hpp"
#include "server/state_folder.hpp"

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace quivive::detail {

/// `server_config::state`: what a server leaves for the next process, in a folder that nobody else may write
/// to.
///
///     id, key            what makes the secret of the blobs (`state_folder`)
///     used.DAY           which blobs have been imported (`used_blobs`)
///     sessions.SERIAL    sessions that wait to be imported (`blob_file`)
///
/// Several processes may share it, one after the other or at the same time. Thread-safe.
class state_directory {
public:
    /// Makes the folder if it is missing. `shared`: secrets to be used instead of a key of the folder's, the
    /// newest first; none: it has its own. Throws `config_error`, whose sentence begins with "state: ".
    state_directory(std::string path, std::vector<secret> shared, level_log log);

    /// The folder as it is now. One that was removed or replaced since the last call is made again, with the
    /// same key, or opened, and logged. Throws `std::filesystem::filesystem_error`, or `config_error`, when
    /// there is none that can be used; that is logged too.
    [[nodiscard]] std::shared_ptr<state_folder> present();

    /// Other secrets from now on; also looks after the folder, which it gives. Null when there is none that
    /// can be used. What is to be logged goes to `said`: the caller may hold a lock.
    [[nodiscard]] std::shared_ptr<state_folder> use(std::vector<secret> shared, kept_lines& said);

private:
    [[nodiscard]] std::exception_ptr open(kept_lines& said);

    const std::string path_;
    level_log log_;
    std::mutex mutex_;  ///< of what follows
    std::vector<secret> shared_;
    std::shared_ptr<state_folder> folder_;
    bool has_other_secrets_ = false;  ///< than the folder that was opened
};

}  // namespace quivive::detail
