#include "server/single_use_registry.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

namespace quivive::runtime {

namespace {

constexpr std::string_view marks_prefix = "used.";

std::string marks_name(std::chrono::sys_days made)
{
    return std::string{marks_prefix} + std::to_string(made.time_since_epoch().count());
}

}  // namespace

std::vector<single_use_registry::claim_result> single_use_registry::claim(
    std::span<const tls::blob_name> names, std::chrono::sys_seconds now)
{
    const std::lock_guard lock{mutex_};
    const auto today = std::chrono::floor<std::chrono::days>(now);
    std::vector<claim_result> results(names.size(), claim_result::expired);
    std::set<day> days;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto made = names[i].made;
        if (!is_accepted_age(made, now)) continue;
        results[i] = claim_result::fresh;
        days.insert(std::chrono::floor<std::chrono::days>(made));
    }
    for (const auto each : days) claim_day(each, names, results);
    remove_before(today - max_age - std::chrono::days{1});
    return results;
}

bool single_use_registry::is_accepted_age(std::chrono::sys_seconds made,
                                          std::chrono::sys_seconds now) noexcept
{
    constexpr std::chrono::hours apart{1};  // tolerance between the clocks of several machines
    return made + max_age >= now && made <= now + apart;
}

/// Syncs the file's name before any mark in it counts. The process that created the file may have been
/// killed, or may have failed to sync the folder.
void single_use_registry::claim_day(day made, std::span<const tls::blob_name> names,
                                    std::span<claim_result> results)
{
    const auto name = marks_name(made);
    const open_file file{
        ::openat(folder_->descriptor(), name.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
        folder_->path() / name};
    file.lock();
    const auto which = folder_->stamp(name.c_str()).which;
    if (const auto known = durable_.find(made); known == durable_.end() || known->second != which) {
        folder_->sync();
        durable_[made] = which;
    }
    const auto marks = file.read();
    std::set<serial> used;
    serial each;
    for (std::size_t at = 0; at + each.size() <= marks.size(); at += each.size()) {
        std::copy_n(marks.begin() + static_cast<std::ptrdiff_t>(at), each.size(), each.begin());
        used.insert(each);
    }
    std::vector<std::byte> added(-marks.size() % each.size());  // pads an incomplete mark at the end of the
                                                                // file
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (results[i] != claim_result::fresh || std::chrono::floor<std::chrono::days>(names[i].made) != made)
            continue;
        if (!used.insert(names[i].serial).second)
            results[i] = claim_result::used;
        else
            added.insert(added.end(), names[i].serial.begin(), names[i].serial.end());
    }
    if (added.empty()) return;
    file.write(added);
    file.sync();
}

void single_use_registry::remove_before(day oldest)
{
    std::erase_if(durable_, [&](const auto& each) { return each.first < oldest; });
    namespace fs = std::filesystem;
    std::error_code ignored;
    for (fs::directory_iterator each{folder_->path(), ignored}; each != fs::directory_iterator{};
         each.increment(ignored)) {
        const auto name = each->path().filename().string();
        if (!name.starts_with(marks_prefix)) continue;
        const auto number = name.substr(marks_prefix.size());
        if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos ||
            number.size() > 9)
            continue;
        if (std::stol(number) < oldest.time_since_epoch().count()) fs::remove(each->path(), ignored);
    }
}

}  // namespace quivive::runtime
