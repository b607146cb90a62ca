#pragma once

#include "server/open_folder.hpp"
#include "tls/sealed_blob.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace quivive::detail {

/// Which blobs have been imported, by whichever process has this folder: a session that is imported twice
/// would protect two records under one nonce. A mark is on the disk before its session is used. Marks are
/// kept in one file for each day on which blobs were made, and as long as these are taken: a week. That holds
/// by the wall clock, and for as long as nobody puts an older state of the folder back.
/// Thread-safe, and safe between processes.
class used_blobs {
public:
    explicit used_blobs(std::shared_ptr<const open_folder> folder) : folder_{std::move(folder)} {}

    static constexpr std::chrono::days longest_life{7};

    /// Whether a blob of that time is taken at all.
    [[nodiscard]] static bool is_timely(std::chrono::sys_seconds made, std::chrono::sys_seconds now) noexcept;

    enum class verdict : unsigned char { fresh, used, expired };

    /// Marks those that are fresh. Throws `std::system_error` when that cannot be written; none may be used
    /// then, though those of some days may be marked already.
    [[nodiscard]] std::vector<verdict> claim(std::span<const tls::blob_name> names,
                                             std::chrono::sys_seconds now);

private:
    using serial = std::array<std::byte, 16>;
    using day = std::chrono::sys_days;

    void claim_day(day made, std::span<const tls::blob_name> names, std::span<verdict> verdicts);
    void forget_before(day oldest);

    std::shared_ptr<const open_folder> folder_;
    std::mutex mutex_;
    std::map<day, file_identity> durable_;  ///< files of marks whose names are on the disk for certain
};

}  // namespace quivive::detail
