// Memory runs out when a sync fails. No exception may be thrown while the failed export is undone.

#include "faults/injection.hpp"
#include "server/blob_file.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "tls/sealed_blob.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <new>

namespace {

/// Null: this thread has memory. Otherwise it has none after this fault.
thread_local const quivive::test::injection* starving_after = nullptr;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    if (starving_after && starving_after->reached()) return nullptr;
    return std::malloc(size > 0 ? size : 1);
}
void* operator new(std::size_t size)
{
    if (void* const memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace quivive;
using namespace quivive::test;
using runtime::export_outcome;

TEST_CASE("faults: an export is undone although a sync fails and no memory is left to report it")
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    unsigned syncs = 0;
    for (bool reached = true; reached && syncs < 100;) {
        const temp_directory folder;
        runtime::state_folder state{folder.file("state"), {}, nullptr};
        const runtime::sealed_blobs blobs{
            tls::seal_blob(state.keys().front(), wire::as_bytes("a session"), now)};
        runtime::written_blobs written;
        {
            const blockage without_name{"renameat", EIO};
            const injection once{"fsync", syncs + 1, EIO};
            const under_test this_one;
            starving_after = &once;
            written = runtime::export_blobs(state, folder.path(), blobs);
            starving_after = nullptr;
            reached = once.reached();
        }
        INFO("sync " << syncs + 1);
        CHECK(written.error);
        CHECK(runtime::blob_files(folder.path()).empty());
        const bool is_taken_back = syncs == 0 || !reached;
        CHECK(written.outcome ==
              (is_taken_back ? export_outcome::unusable : export_outcome::unknown_after_crash));
        if (reached) ++syncs;
    }
    CHECK(syncs == 4);  // the file; the directory and the file of marks; the file's directory
}
