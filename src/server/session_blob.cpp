#include "server/session_blob.hpp"

#include "gate/wipe.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace quivive::detail {

namespace {

/// By the wall clock, which processes and machines share.
std::chrono::sys_seconds today()
{
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::optional<sessions::saved_session> open_one(const secret& key, wire::bytes blob)
{
    auto content = tls::open_blob(key, blob);
    if (!content) return std::nullopt;
    auto saved = sessions::decode(*content);
    gate::wipe(*content);
    return saved;
}

error_code error_of(used_blobs::verdict verdict) noexcept
{
    switch (verdict) {
        case used_blobs::verdict::fresh:
            break;
        case used_blobs::verdict::used:
            return errc::used_blob;
        case used_blobs::verdict::expired:
            return errc::expired_blob;
    }
    return {};
}

}  // namespace

std::vector<std::byte> seal_session(const secret& key, const sessions::saved_session& saved)
{
    auto content = sessions::encode(saved);
    auto blob = tls::seal_blob(key, content, today());
    gate::wipe(content);
    return blob;
}

std::vector<opened_session> open_sessions(const secret& key, used_blobs& used,
                                          std::span<const std::vector<std::byte>> blobs)
{
    std::vector<opened_session> result;
    std::vector<tls::blob_name> names;
    std::vector<std::size_t> places;  // in `result`, of the names
    for (const auto& blob : blobs) {
        auto saved = open_one(key, blob);
        if (saved) {
            places.push_back(result.size());
            names.push_back(*tls::name_of_blob(blob));
        }
        result.push_back(saved ? opened_session{{}, std::move(*saved)} : opened_session{errc::bad_blob});
    }
    const auto verdicts = used.claim(names, today());
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto& one = result[places[i]];
        one.error = error_of(verdicts[i]);
        if (one.error) one.saved = {};
    }
    return result;
}

}  // namespace quivive::detail
