#pragma once

#include "quivive/credentials.hpp"
#include "server/open_folder.hpp"
#include "server/used_blobs.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace quivive::detail {

/// A state folder as it was found once, open, with what it is known by:
///
///     id     random; never changes
///     key    the secret of its blobs, when no other is configured
///
/// Blobs are sealed for one folder: its id and its `file_identity` go into their keys. Marks that are missing
/// in a copy of the folder so let nobody import anything there a second time.
/// Safe to use from several threads.
class state_folder {
public:
    /// Opens the folder; makes it, and what is missing in it: a key that is missing becomes `former`, unless
    /// that is null. `shared`: secrets that are configured, instead of a key. Throws
    /// `std::filesystem::filesystem_error`, or `config_error` for one that cannot be trusted.
    state_folder(const std::string& path, std::span<const secret> shared, const secret* former);

    /// The first seals blobs, all open them.
    [[nodiscard]] std::span<const secret> keys() const noexcept { return keys_; }
    /// What they follow from, in the same order.
    [[nodiscard]] std::span<const secret> secrets() const noexcept { return secrets_; }
    /// That of the folder itself; null when others are configured.
    [[nodiscard]] const secret* own_secret() const noexcept { return has_key_ ? &secrets_.front() : nullptr; }
    [[nodiscard]] used_blobs& used() noexcept { return used_; }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_->path(); }

    /// Whether what was sealed for `other` under the same secret is open to this one.
    [[nodiscard]] bool is_same_as(const state_folder& other) const noexcept;

    /// Whether its path still leads to it, and all is in it by which it is known.
    [[nodiscard]] bool is_in_place() const noexcept;

private:
    /// What would be others if it were another folder.
    struct stamps {
        file_identity folder;
        std::uint64_t device = 0;
        file_stamp id, key;

        bool operator==(const stamps&) const = default;
    };

    [[nodiscard]] stamps describe(const file_stamp& folder) const;

    std::shared_ptr<const open_folder> folder_;
    bool has_key_;
    std::vector<secret> secrets_;
    stamps stamps_;
    std::vector<std::byte> place_;  ///< what its keys are bound to
    std::vector<secret> keys_;
    used_blobs used_;
};

}  // namespace quivive::detail
