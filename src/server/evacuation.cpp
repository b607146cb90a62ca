#include "server/evacuation.hpp"

#include "server/failure.hpp"
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
      executor_{own_executor_of(handler, home_)},
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
    const auto error = write();
    for (const auto& one : shards_) one->home().run([one, left = !error] { one->sessions_given(left); });
    complete(error, error ? 0 : blobs_.size());
}

error_code evacuation::write() const noexcept
try {
    write_blobs(folder_, blobs_);
    return {};
} catch (...) {
    return code_of_failure();
}

void evacuation::complete(error_code error, std::size_t count)
{
    over_ = true;
    boost::asio::post(home_, bound_completion<error_code, std::size_t>{std::move(handler_),
                                                                       std::move(executor_), error, count});
}

}  // namespace quivive::detail
