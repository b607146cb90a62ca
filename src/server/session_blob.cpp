#include "server/session_blob.hpp"

#include "wire/wipe.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace quivive::runtime {

namespace {

/// Uses the wall clock, which processes and machines share.
std::chrono::sys_seconds wall_clock_seconds()
{
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::optional<sessions::saved_session> open_one(std::span<const secret> keys, wire::bytes blob)
{
    for (const auto& key : keys) {
        auto content = tls::open_blob(key, blob);
        if (!content) continue;
        const wire::wiper record_keys{*content};
        return sessions::decode(*content);
    }
    return std::nullopt;
}

error_code error_of(single_use_registry::claim_result result) noexcept
{
    switch (result) {
        case single_use_registry::claim_result::fresh:
            break;
        case single_use_registry::claim_result::used:
            return errc::used_blob;
        case single_use_registry::claim_result::expired:
            return errc::expired_blob;
    }
    return {};
}

}  // namespace

std::vector<std::byte> seal_session(const state_folder& sealed_for, const sessions::saved_session& saved)
{
    auto content = sessions::encode(saved);
    const wire::wiper keys{content};
    return tls::seal_blob(sealed_for.keys().front(), content, wall_clock_seconds());
}

std::vector<opened_session> open_sessions(
    state_folder& sealed_for, std::span<const std::vector<std::byte>> blobs,
    const std::function<error_code(const sessions::saved_session&)>& check_belongs_here)
{
    std::vector<opened_session> result;
    std::vector<tls::blob_name> names;
    std::vector<std::size_t> places;  // the index in `result` of each name
    for (const auto& blob : blobs) {
        auto saved = open_one(sealed_for.keys(), blob);
        const auto fault = saved ? check_belongs_here(*saved) : make_error_code(errc::bad_blob);
        if (!fault) {
            places.push_back(result.size());
            names.push_back(*tls::name_of_blob(blob));
        }
        result.push_back(fault ? opened_session{fault} : opened_session{{}, std::move(*saved)});
    }
    const auto results = sealed_for.registry().claim(names, wall_clock_seconds());
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto& one = result[places[i]];
        one.error = error_of(results[i]);
        if (one.error) one.saved = {};
    }
    return result;
}

bool may_be_imported_later(wire::bytes blob, const error_code& why)
{
    if (why != errc::bad_blob && why != errc::foreign_blob) return false;
    const auto name = tls::name_of_blob(blob);
    return name && single_use_registry::is_accepted_age(name->made, wall_clock_seconds());
}

}  // namespace quivive::runtime
