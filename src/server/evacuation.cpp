#include "server/evacuation.hpp"

#include "server/pending_operation.hpp"
#include "server/shard.hpp"

#include <iterator>
#include <utility>

namespace quivive::detail {

evacuation::evacuation(std::shared_ptr<state_directory> state, std::filesystem::path folder,
                       std::vector<std::shared_ptr<shard>> shards, boost::asio::any_io_executor home,
                       handler_type handler)
    : state_{std::move(state)},
      folder_{std::move(folder)},
      shards_{std::move(shards)},
      home_{std::move(home)},
      awaited_{shards_.size()}
{
    handler_.swap(handler);  // its move assignment does not end in Boost 1.81
}

void evacuation::begin()
{
    for (const auto& one : shards_)
        one->home().post([one, self = shared_from_this()] { one->give_sessions(*self); });
}

void evacuation::add(std::vector<std::vector<std::byte>> blobs)
{
    {
        const std::lock_guard lock{mutex_};
        std::move(blobs.begin(), blobs.end(), std::back_inserter(blobs_));
        if (--awaited_ > 0) return;
    }
    finish();
}

void evacuation::finish()
{
    error_code error;
    try {
        write_blobs(folder_, blobs_);
    } catch (const std::filesystem::filesystem_error& failure) {
        error = failure.code();
    }
    for (const auto& one : shards_) one->home().run([one, left = !error] { one->sessions_given(left); });
    complete_at_once(std::move(handler_), home_, error, error ? 0 : blobs_.size());
}

}  // namespace quivive::detail
