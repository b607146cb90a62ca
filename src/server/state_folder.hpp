#pragma once

#include "quivive/credentials.hpp"
#include "server/open_folder.hpp"
#include "server/single_use_registry.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace quivive::runtime {

/// An open state folder, with the data that identifies it:
///
///     id     random; never changes
///     key    the secret of its blobs, when no other is configured
///
/// Blobs are sealed for one folder: its id and its `file_identity` are part of their keys. A copy of the
/// folder may lack used marks. It cannot open these blobs, so none can be imported twice. Thread-safe.
class state_folder {
public:
    /// Opens the folder. Creates the folder and its missing files. A missing key becomes `former`, unless
    /// that is null. `shared`: configured secrets, used instead of a key. Throws
    /// `std::filesystem::filesystem_error`, or `config_error` for a folder that cannot be trusted.
    state_folder(const std::string& path, std::span<const secret> shared, const secret* former);

    /// Returns the keys of blobs. The first one seals, all of them open.
    [[nodiscard]] std::span<const secret> keys() const noexcept { return keys_; }
    /// Returns the secrets that the keys are derived from, in the same order.
    [[nodiscard]] std::span<const secret> secrets() const noexcept { return secrets_; }
    /// Returns the folder's own secret; null when secrets are configured.
    [[nodiscard]] const secret* own_secret() const noexcept { return has_key_ ? &secrets_.front() : nullptr; }
    [[nodiscard]] single_use_registry& registry() noexcept { return registry_; }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_->path(); }

    /// Returns whether this folder can open blobs that were sealed for `other` under the same secret.
    [[nodiscard]] bool is_same_as(const state_folder& other) const noexcept;

    /// Returns whether the path still refers to this folder and its identifying files are unchanged.
    [[nodiscard]] bool is_unchanged() const noexcept;

private:
    /// Stamps that change when the folder is replaced.
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
    std::vector<std::byte> identity_;  ///< the folder's identity, which its keys are bound to
    std::vector<secret> keys_;
    single_use_registry registry_;
};

}  // namespace quivive::runtime
