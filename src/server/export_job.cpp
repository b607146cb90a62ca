#include "server/export_job.hpp"

#include "server/shard.hpp"

#include <iterator>
#include <utility>

namespace quivive::runtime {

export_job::export_job(std::filesystem::path folder, std::vector<std::shared_ptr<shard>> shards,
                       shard_executor executor, handler_type handler)
    : folder_{std::move(folder)},
      shards_{std::move(shards)},
      executor_{std::move(executor)},
      export_{std::move(handler), executor_.any_executor()},
      awaited_{shards_.size()}
{
}

void export_job::begin()
{
    for (const auto& one : shards_)
        one->executor().post([one, self = shared_from_this()] { one->export_sessions(*self); });
}

void export_job::add(std::vector<std::vector<std::byte>> blobs)
{
    {
        const std::lock_guard lock{mutex_};
        std::move(blobs.begin(), blobs.end(), std::back_inserter(blobs_));
        if (--awaited_ > 0) return;
    }
    complete();
}

void export_job::complete()
{
    const auto result = export_blobs(*state_, folder_, blobs_);
    for (const auto& one : shards_)
        one->executor().run([one, outcome = result.outcome] { one->on_export_finished(outcome); });
    completed_ = true;
    export_.complete_from_any_thread(executor_, result.error, result.error ? 0 : blobs_.size());
}

void export_job::refuse(error_code why)
{
    completed_ = true;
    export_.complete_later(executor_, why, 0);
}

}  // namespace quivive::runtime
