#include "server/blob_file.hpp"

#include "server/durable_file.hpp"
#include "server/failure.hpp"
#include "tls/random.hpp"
#include "wire/bytes.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace quivive::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view sessions_prefix = "sessions.";
constexpr std::size_t length_size = 4;

std::string fresh_name() { return std::string{sessions_prefix} + tls::random_hex(8); }

open_folder make_and_open(const fs::path& folder)
{
    make_folder(folder);
    return open_folder{folder};
}

/// A file of blobs that is being written.
struct blob_file {
    explicit blob_file(const fs::path& path) : folder{make_and_open(path)}, file{folder, fresh_name()} {}

    void append(const sealed_blobs& blobs)
    {
        for (const auto& blob : blobs) {
            std::array<std::byte, length_size> length{};
            wire::write_integer(length, blob.size());
            file.append(length);
            file.append(blob);
        }
    }
    [[nodiscard]] bool is_synced() const noexcept
    try {
        folder.sync();
        return true;
    } catch (const std::exception&) {  // including `std::bad_alloc` while the error text is made
        return false;
    }

    open_folder folder;
    durable_file file;
};

enum class marking : unsigned char { done, failed, some_imported };

/// Marks the blobs as used, so that no process can import them. A process that has already imported some of
/// them keeps those sessions.
marking mark(single_use_registry& used, const sealed_blobs& blobs) noexcept
try {
    std::vector<tls::blob_name> names;
    for (const auto& blob : blobs)
        if (const auto name = tls::name_of_blob(blob)) names.push_back(*name);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto results = used.claim(names, now);
    const auto count_of = [&](single_use_registry::claim_result what) {
        return std::ranges::count(results, what);
    };
    if (count_of(single_use_registry::claim_result::used) > 0) return marking::some_imported;
    return count_of(single_use_registry::claim_result::expired) > 0 ? marking::failed : marking::done;
} catch (const std::exception&) {
    return marking::failed;
}

/// Revokes the blobs after `commit` has failed.
export_outcome revoke(blob_file& written, single_use_registry& used, const sealed_blobs& blobs) noexcept
{
    const bool removed = written.file.remove();
    const auto marked = mark(used, blobs);
    if (removed && marked == marking::done && written.is_synced()) return export_outcome::unusable;
    const bool emptied = written.file.erase_content();
    if (marked == marking::some_imported) return export_outcome::importable;
    return removed || emptied || marked == marking::done ? export_outcome::unknown_after_crash
                                                         : export_outcome::importable;
}

void throw_if_gone(const state_folder& folder)
{
    if (folder.is_unchanged()) return;
    errno = ENOENT;
    throw_file_error("the state folder was removed or replaced", folder.path());
}

}  // namespace

void write_blobs(const fs::path& folder, const sealed_blobs& blobs)
{
    if (blobs.empty()) return;
    blob_file made{folder};
    made.append(blobs);
    made.file.commit();
}

written_blobs export_blobs(state_folder& sealed_for, const fs::path& folder,
                           const sealed_blobs& blobs) noexcept
{
    if (blobs.empty()) return {};
    std::optional<blob_file> made;
    try {
        made.emplace(folder);
        made->append(blobs);
        throw_if_gone(sealed_for);
        made->file.commit();
        throw_if_gone(sealed_for);
        return {};
    } catch (...) {
        const auto error = code_of_failure();
        if (!made || !made->file.may_exist()) return {error, export_outcome::unusable};
        return {error, revoke(*made, sealed_for.registry(), blobs)};
    }
}

std::vector<fs::path> blob_files(const fs::path& folder)
{
    std::vector<fs::path> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.is_regular_file() && entry.path().filename().string().starts_with(sessions_prefix))
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

sealed_blobs read_blobs(const fs::path& file)
{
    const auto content = open_file{::open(file.c_str(), O_RDONLY | O_CLOEXEC), file}.read();
    sealed_blobs blobs;
    for (wire::reader rest{content}; !rest.done();) {
        const auto blob = rest.vector(length_size);
        if (!rest.ok()) break;
        blobs.emplace_back(blob.begin(), blob.end());
    }
    return blobs;
}

}  // namespace quivive::runtime
