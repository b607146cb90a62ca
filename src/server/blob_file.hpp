#pragma once

#include "quivive/error.hpp"
#include "server/state_folder.hpp"

#include <filesystem>
#include <vector>

namespace quivive::detail {

using sealed_blobs = std::vector<std::vector<std::byte>>;

/// Writes `blobs` as a file of a name of its own into `folder`, which is made if it is missing. When it
/// throws `std::filesystem::filesystem_error`, the file may be there all the same.
void write_blobs(const std::filesystem::path& folder, const sealed_blobs& blobs);

/// What has become of blobs that were to be written, and so of their sessions.
enum class blobs_fate : unsigned char {
    written,   ///< they are on the disk: the sessions have left
    unusable,  ///< nobody can ever import one: the sessions go on
    lost,      ///< nobody finds them now, but after a crash somebody may: the sessions must end
    loose,     ///< somebody may import them, or has: the sessions must end, and their peers not hear of it
};

struct written_blobs {
    error_code error;
    blobs_fate fate = blobs_fate::written;
};

/// The same, with blobs that were sealed for `sealed_for`, and whose sessions end only if they are safe. What
/// was begun and cannot be finished is taken back: marked as used, removed, and all that on the disk.
[[nodiscard]] written_blobs export_blobs(state_folder& sealed_for, const std::filesystem::path& folder,
                                         const sealed_blobs& blobs) noexcept;

/// The files of `write_blobs` in `folder`, none when it is missing. Throws as above.
[[nodiscard]] std::vector<std::filesystem::path> blob_files(const std::filesystem::path& folder);

/// The blobs of one; what was cut off at its end is left out.
[[nodiscard]] sealed_blobs read_blobs(const std::filesystem::path& file);

}  // namespace quivive::detail
