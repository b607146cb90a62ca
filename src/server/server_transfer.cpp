#include "server/server_core.hpp"

#include "server/address.hpp"
#include "server/evacuation.hpp"
#include "server/session_blob.hpp"
#include "tls/hkdf.hpp"
#include "tls/random.hpp"

#include <array>
#include <utility>

// Sessions that leave a server for another process, or come from one.
namespace quivive::detail {

namespace {

constexpr std::string_view id_label = "quivive connection id 1";

}  // namespace

void server_core::open_state()
{
    const auto& folder = configured_->config().state;
    if (!folder.empty()) state_ = std::make_shared<state_directory>(folder, configured_->shared_secret());
}

/// What masks the shard in connection ids: with a state, the same for the processes that share it, since an
/// id lives as long as its session.
gate::hash_key server_core::id_key() const
{
    std::array<std::byte, 16> bytes{};
    if (!state_ || !tls::hkdf_sha256(state_->key().bytes(), {}, wire::as_bytes(id_label), bytes))
        tls::fill_random(bytes);
    wire::reader in{bytes};
    const auto k0 = in.integer(8);
    return {k0, in.integer(8)};
}

void server_core::export_all(std::filesystem::path directory,
                             boost::asio::any_completion_handler<void(error_code, std::size_t)> handler)
{
    if (!state_) return complete_at_once(std::move(handler), common_, errc::no_state, 0);
    std::make_shared<evacuation>(state_, std::move(directory), shards_, common_, std::move(handler))->begin();
}

error_code server_core::import_session(std::span<const std::byte> blob)
try {
    if (!state_) return errc::no_state;
    const std::vector<std::vector<std::byte>> one{{blob.begin(), blob.end()}};
    auto opened = std::move(open_sessions(state_->key(), state_->used(), one).front());
    if (!opened.error) adopt(std::move(opened.saved));
    return opened.error;
} catch (const boost::system::system_error& error) {
    return error.code();
}

/// To the shard that its datagrams come to: the one that its id names; without an id the one that had it,
/// since the kernel spreads the same addresses over as many sockets in the same way; and should it not, they
/// are handed over.
void server_core::adopt(sessions::saved_session saved)
{
    const bool has_id = saved.ids && !saved.ids->own.empty();
    const auto place =
        has_id ? crew_->codec().shard_of(saved.ids->own.value()) : saved.shard % shards_.size();
    if (has_id)
        crew_->expect_ids();
    else
        crew_->note_arrival(saved.path, place);
    const auto& owner = shards_[place];
    owner->home().post([owner, s = std::move(saved)]() mutable { owner->adopt(std::move(s)); });
}

server::import_result server_core::import_all(const std::filesystem::path& directory)
{
    server::import_result sum;
    if (!state_) {
        sum.error = errc::no_state;
        return sum;
    }
    try {
        for (const auto& file : blob_files(directory)) {
            const auto one = import_file(file);
            sum.imported += one.imported;
            sum.refused += one.refused;
            if (one.error) sum.error = one.error;
        }
    } catch (const std::filesystem::filesystem_error& error) {
        sum.error = error.code();
    } catch (const boost::system::system_error& error) {
        sum.error = error.code();
    }
    return sum;
}

server::import_result server_core::import_file(const std::filesystem::path& file)
{
    server::import_result result;
    auto opened = open_sessions(state_->key(), state_->used(), read_blobs(file));
    std::error_code kept;  // they are marked as used: whether or not the file goes, they are here now
    if (!std::filesystem::remove(file, kept)) result.error = kept;
    for (auto& one : opened) {
        if (one.error) {
            ++result.refused;
            log_.write(log_level::warning, file.string() + ": a session was refused: " + one.error.message());
        } else {
            ++result.imported;
            adopt(std::move(one.saved));
        }
    }
    return result;
}

}  // namespace quivive::detail
