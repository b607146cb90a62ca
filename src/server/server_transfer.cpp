#include "server/server_core.hpp"

#include "server/address.hpp"
#include "server/export_job.hpp"
#include "server/failure.hpp"
#include "server/random_hash_key.hpp"
#include "server/session_blob.hpp"
#include "tls/hkdf.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

// Export and import of sessions, for the whole server.
namespace quivive::runtime {

namespace {

constexpr std::string_view id_label = "quivive connection id 1";

/// Derives the key of connection ids from a shared secret. Returns a random key when GnuTLS fails.
gate::hash_key id_key_of(const secret& shared)
{
    std::array<std::byte, 16> bytes{};
    const bool made = tls::hkdf_sha256(shared.bytes(), {}, wire::as_bytes(id_label), bytes);
    return made ? hash_key_from(bytes) : random_hash_key();
}

}  // namespace

void server_core::open_state()
{
    const auto& folder = configured_->config().state;
    if (!folder.empty())
        state_ = std::make_shared<state_directory>(folder, configured_->shared_secrets(), log_);
}

/// Uses the configured secrets for seals and connection ids from now on. Without a usable folder everything
/// else continues, and exports and imports return an error.
void server_core::use_secrets(const config_snapshot& configured, buffered_log& log_lines) noexcept
try {
    if (!state_) return;
    const auto folder = state_->use(configured.shared_secrets(), log_lines);
    if (folder) group_->use(make_id_codec(folder.get(), shards_.size()));
} catch (...) {
    log_lines.add(log_level::error,
                  "connection ids: out of memory; they are still made under the former secret");
}

/// Makes the codec whose keys mask the shard in connection ids. With a state folder, the processes that share
/// the folder derive the same keys, since an id exists as long as its session. Ids stay readable while the
/// secret they were made under is in the file. `folder`: null without a state folder.
dispatch::id_codec server_core::make_id_codec(const state_folder* folder, std::size_t shards) const
{
    std::vector<gate::hash_key> keys;
    if (folder)
        for (const auto& each : folder->secrets()) keys.push_back(id_key_of(each));
    else
        keys.push_back(random_hash_key());
    return {std::move(keys), configured()->config().connection_ids.length, shards};
}

void server_core::export_all(std::filesystem::path directory,
                             boost::asio::any_completion_handler<void(error_code, std::size_t)> handler)
{
    const auto next = std::make_shared<export_job>(std::move(directory), shards_, shards_.front()->executor(),
                                                   std::move(handler));
    if (!state_) return next->refuse(errc::no_state);
    if (!begin_export(next)) return next->refuse(errc::operation_in_progress);
    try {
        next->seal_for(state_->current());
    } catch (...) {
        return next->refuse(code_of_failure());
    }
    // Must run before the shards are stopped, or not at all: quiesced shards wait for all others.
    if (!stop_state_->unless_begun([&] { next->begin(); })) next->refuse(errc::server_stopped);
}

/// Returns false while another export is in progress.
bool server_core::begin_export(const std::shared_ptr<export_job>& next)
{
    const std::lock_guard lock{mutex_};
    const auto last = export_job_.lock();
    if (last && !last->completed()) return false;
    export_job_ = next;
    return true;
}

/// Checks whether the session belongs to another server that shares the state folder.
error_code server_core::check_belongs_here(const sessions::saved_session& saved) const
{
    const bool has_id = saved.ids && !saved.ids->own.empty();
    const bool fits = !has_id || saved.ids->own.size() == group_->codec().length();
    const auto is_mine = [&](const auto& bound) { return receives(bound, saved.path.local); };
    return fits && std::ranges::any_of(local_, is_mine) ? error_code{} : errc::foreign_blob;
}

error_code server_core::import_session(std::span<const std::byte> blob)
try {
    if (!state_) return errc::no_state;
    const std::vector<std::vector<std::byte>> one{{blob.begin(), blob.end()}};
    auto opened = std::move(open(one).front());
    if (!opened.error) import_saved(std::move(opened.saved));
    return opened.error;
} catch (...) {
    return code_of_failure();
}

std::vector<opened_session> server_core::open(std::span<const std::vector<std::byte>> blobs)
{
    return open_sessions(*state_->current(), blobs,
                         [this](const auto& saved) { return check_belongs_here(saved); });
}

void server_core::import_saved(sessions::saved_session saved)
{
    const auto id = saved.ids ? saved.ids->own : wire::own_connection_id{};
    const auto& owner = shards_[group_->choose_shard(saved.path, id, saved.shard)];
    owner->executor().post([owner, s = std::move(saved)]() mutable { owner->import_session(std::move(s)); });
}

server::import_result server_core::import_all(const std::filesystem::path& directory)
{
    server::import_result sum;
    if (!state_) {
        sum.error = errc::no_state;
        return sum;
    }
    try {
        for (const auto& file : blob_files(directory)) import_file(file, sum);
    } catch (...) {
        sum.error = code_of_failure();
    }
    return sum;
}

/// Imports the sessions of one file. Keeps those of other servers and those under another secret. They stay
/// importable for a week.
void server_core::import_file(const std::filesystem::path& file, server::import_result& sum)
try {
    const auto blobs = read_blobs(file);
    auto opened = open(blobs);
    std::vector<std::vector<std::byte>> others;
    std::map<std::string, std::size_t> refused;
    for (std::size_t i = 0; i < opened.size(); ++i) {
        auto& one = opened[i];
        if (!one.error) {
            ++sum.imported;
            import_saved(std::move(one.saved));
            continue;
        }
        ++sum.refused;
        ++refused[one.error.message()];
        if (may_be_imported_later(blobs[i], one.error)) others.push_back(blobs[i]);
    }
    for (const auto& [why, count] : refused)
        log_.write(log_level::warning, file.string() + ": refused " + std::to_string(count) + " of " +
                                           std::to_string(blobs.size()) + " sessions: " + why);
    if (!others.empty() && others.size() == blobs.size()) return;
    write_blobs(file.parent_path(), others);
    std::filesystem::remove(file);  // if a crash restores the file, its sessions are marked as used
} catch (...) {
    sum.error = code_of_failure();
    log_.write(log_level::error, file.string() + ": " + reason_of_failure());
}

}  // namespace quivive::runtime
