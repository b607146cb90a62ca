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

namespace quivive::runtime {

/// Registry of the blobs that any process sharing this folder has imported. A session imported twice would
/// protect two records under one nonce. A mark is on the disk before its session is used.
///
/// Marks are stored in one file for each day on which blobs were made. They are kept as long as such blobs
/// are accepted: a week by the wall clock. The registry does not protect against an older state of the folder
/// being restored.
///
/// Thread-safe, and safe between processes.
class single_use_registry {
public:
    explicit single_use_registry(std::shared_ptr<const open_folder> folder) : folder_{std::move(folder)} {}

    static constexpr std::chrono::days max_age{7};

    /// Returns whether a blob made at that time is accepted.
    [[nodiscard]] static bool is_accepted_age(std::chrono::sys_seconds made,
                                              std::chrono::sys_seconds now) noexcept;

    enum class claim_result : unsigned char { fresh, used, expired };

    /// Marks the fresh blobs. Throws `std::system_error` when the marks cannot be written. None of the blobs
    /// may be used then, although those of some days may be marked already.
    [[nodiscard]] std::vector<claim_result> claim(std::span<const tls::blob_name> names,
                                                  std::chrono::sys_seconds now);

private:
    using serial = std::array<std::byte, 16>;
    using day = std::chrono::sys_days;

    void claim_day(day made, std::span<const tls::blob_name> names, std::span<claim_result> results);
    void remove_before(day oldest);

    std::shared_ptr<const open_folder> folder_;
    std::mutex mutex_;
    std::map<day, file_identity> durable_;  ///< mark files whose names are known to be on the disk
};

}  // namespace quivive::runtime
