#include "server/state_directory.hpp"

#include "quivive/error.hpp"
#include "server/failure.hpp"

#include <filesystem>
#include <utility>

namespace quivive::runtime {

namespace {

std::shared_ptr<state_folder> open_first(const std::string& path, const std::vector<secret>& shared)
try {
    return std::make_shared<state_folder>(path, shared, nullptr);
} catch (const std::filesystem::filesystem_error& error) {
    throw config_error{"state: " + path + ": cannot be used: " + error.code().message() +
                       "; it must be a folder that this process may write to, with free space for a key"};
}

}  // namespace

state_directory::state_directory(std::string path, std::vector<secret> shared, level_log log)
    : path_{std::move(path)},
      log_{std::move(log)},
      shared_{std::move(shared)},
      folder_{open_first(path_, shared_)}
{
}

std::shared_ptr<state_folder> state_directory::current()
{
    buffered_log log_lines;
    std::shared_ptr<state_folder> found;
    std::exception_ptr failure;
    {
        const std::lock_guard lock{mutex_};
        if (has_other_secrets_ || !folder_->is_unchanged()) failure = open(log_lines);
        found = folder_;
    }
    log_lines.write_to(log_);
    if (failure) std::rethrow_exception(failure);
    return found;
}

std::shared_ptr<state_folder> state_directory::use(std::vector<secret> shared, buffered_log& log_lines)
{
    const std::lock_guard lock{mutex_};
    shared_.swap(shared);
    has_other_secrets_ = true;
    return open(log_lines) ? nullptr : folder_;
}

/// Opens the folder again. Returns why there is no usable folder; null when there is one. Logs a replaced
/// folder, since blobs sealed for the former folder can no longer be imported.
std::exception_ptr state_directory::open(buffered_log& log_lines)
try {
    auto found = std::make_shared<state_folder>(path_, shared_, folder_->own_secret());
    if (!found->is_same_as(*folder_))
        log_lines.add(log_level::warning,
                      "state: " + path_ +
                          ": was removed or replaced while the server ran; the folder found now is used, and "
                          "sessions that were exported before cannot be imported any more");
    folder_ = std::move(found);
    has_other_secrets_ = false;
    return nullptr;
} catch (const config_error& error) {
    for (const auto& problem : error.problems()) log_lines.add(log_level::error, problem);
    return std::current_exception();
} catch (...) {
    log_lines.add(log_level::error, "state: " + path_ + ": cannot be used: " + reason_of_failure());
    return std::current_exception();
}

}  // namespace quivive::runtime
