#include "server/single_use_registry.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "tls/random.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <thread>

using namespace quivive;
using namespace quivive::runtime;
using namespace std::chrono_literals;
using verdict = single_use_registry::claim_result;
namespace fs = std::filesystem;

namespace {

const std::chrono::sys_seconds now =
    std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

tls::blob_name fresh_name(std::chrono::sys_seconds made = now)
{
    tls::blob_name name{{}, made};
    tls::fill_random(name.serial);
    return name;
}

verdict claim(single_use_registry& used, const tls::blob_name& name)
{
    return used.claim(std::span{&name, 1}, now).front();
}

/// Returns a registry like that of a separate process.
single_use_registry marks_in(const test::temp_directory& folder)
{
    return single_use_registry{std::make_shared<const open_folder>(folder.path())};
}

}  // namespace

TEST_CASE("single-use registry: a blob is fresh once for all users of the folder, and after a restart")
{
    const test::temp_directory folder;
    auto one = marks_in(folder), other = marks_in(folder);
    const auto name = fresh_name(), second = fresh_name();
    CHECK(claim(one, name) == verdict::fresh);
    CHECK(claim(one, name) == verdict::used);
    CHECK(claim(other, name) == verdict::used);
    CHECK(claim(other, second) == verdict::fresh);
    CHECK(claim(one, second) == verdict::used);
    auto later = marks_in(folder);
    CHECK(claim(later, name) == verdict::used);
}

TEST_CASE("single-use registry: a name twice in one claim is fresh once")
{
    const test::temp_directory folder;
    auto used = marks_in(folder);
    const auto name = fresh_name();
    const std::vector names{name, fresh_name(), name};
    CHECK(used.claim(names, now) == std::vector{verdict::fresh, verdict::fresh, verdict::used});
}

TEST_CASE(
    "single-use registry: blobs older than a week or from the future are refused, and old marks are removed")
{
    const test::temp_directory folder;
    auto used = marks_in(folder);
    CHECK(claim(used, fresh_name(now - 7 * 24h - 1s)) == verdict::expired);
    CHECK(claim(used, fresh_name(now + 1h + 1s)) == verdict::expired);
    const auto old = fresh_name(now - 7 * 24h);
    CHECK(claim(used, old) == verdict::fresh);
    CHECK(claim(used, old) == verdict::used);
    (void)used.claim(std::vector{fresh_name(now + 10 * 24h)}, now + 10 * 24h);
    CHECK(std::distance(fs::directory_iterator{folder.path()}, {}) == 1);
}

TEST_CASE("single-use registry: a mark truncated by a crash damages no other mark")
{
    const test::temp_directory folder;
    const auto name = fresh_name(), next = fresh_name();
    {
        auto used = marks_in(folder);
        CHECK(claim(used, name) == verdict::fresh);
    }
    const auto file = fs::directory_iterator { folder.path() } -> path();
    {
        std::ofstream out{file, std::ios::app | std::ios::binary};
        out << "cut";
    }
    auto used = marks_in(folder);
    CHECK(claim(used, next) == verdict::fresh);
    auto again = marks_in(folder);
    CHECK(claim(again, next) == verdict::used);
    CHECK(claim(again, name) == verdict::used);
}

TEST_CASE("single-use registry: concurrent claims on several threads find each name fresh once")
{
    const test::temp_directory folder;
    std::vector<tls::blob_name> names(200);
    for (auto& name : names) name = fresh_name();
    std::array<std::size_t, 4> fresh{};
    {
        std::vector<std::jthread> threads;
        for (auto& count : fresh)
            threads.emplace_back([&] {
                auto used = marks_in(folder);
                for (const auto& name : names) count += claim(used, name) == verdict::fresh ? 1U : 0U;
            });
    }
    CHECK(fresh[0] + fresh[1] + fresh[2] + fresh[3] == names.size());
}

TEST_CASE("single-use registry: a mark that cannot be written is an error and the claim fails")
{
    const test::temp_directory folder;
    auto used = marks_in(folder);
    fs::remove(folder.path());
    CHECK_THROWS_AS(claim(used, fresh_name()), std::system_error);
    CHECK_THROWS_AS(open_folder{"/proc/no such folder"}, fs::filesystem_error);
}
