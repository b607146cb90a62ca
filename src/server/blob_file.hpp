#pragma once

#include "quivive/error.hpp"
#include "server/state_folder.hpp"

#include <filesystem>
#include <vector>

namespace quivive::runtime {

using sealed_blobs = std::vector<std::vector<std::byte>>;

/// Writes `blobs` to a new file with a unique name in `folder`. Creates the folder if it is missing. Throws
/// `std::filesystem::filesystem_error`; the file may exist even then.
void write_blobs(const std::filesystem::path& folder, const sealed_blobs& blobs);

/// State of blobs after an attempt to write them. It decides what happens to their sessions.
enum class export_outcome : unsigned char {
    written,              ///< the blobs are on the disk: the sessions are removed here
    unusable,             ///< no process can ever import one: the sessions continue here
    unknown_after_crash,  ///< not found now, but perhaps after a crash: the sessions are closed
    importable,  ///< another process may import them, or has done so: the sessions are aborted without
                 ///< notifying their peers
};

struct written_blobs {
    error_code error;
    export_outcome outcome = export_outcome::written;
};

/// Writes blobs that were sealed for `sealed_for`. The returned outcome decides what happens to their
/// sessions. If writing fails part-way, the blobs are marked as used and the file is removed, both synced to
/// the disk.
[[nodiscard]] written_blobs export_blobs(state_folder& sealed_for, const std::filesystem::path& folder,
                                         const sealed_blobs& blobs) noexcept;

/// Returns the files in `folder` that `write_blobs` made; none when the folder is missing. Throws
/// `std::filesystem::filesystem_error`.
[[nodiscard]] std::vector<std::filesystem::path> blob_files(const std::filesystem::path& folder);

/// Reads the blobs of one file. Omits a blob that is cut off at the end.
[[nodiscard]] sealed_blobs read_blobs(const std::filesystem::path& file);

}  // namespace quivive::runtime
