#include "server/shard_group.hpp"

namespace quivive::runtime {

void shard_group::use(dispatch::id_codec codec)
{
    if (!codecs_.empty() && codec == *codecs_.back()) return;
    codecs_.push_back(std::make_unique<const dispatch::id_codec>(std::move(codec)));
    codec_.store(codecs_.back().get(), std::memory_order_release);
}

std::size_t shard_group::choose_shard(const wire::path& path, const wire::own_connection_id& id,
                                      std::size_t index)
{
    index %= shards_.size();
    if (!id.empty()) {
        expect_ids();
        if (const auto named = codec().shard_of(id.value())) return *named;
    }
    if (shards_.size() > 1) imported_.add(path, id, index);
    return index;
}

std::optional<std::size_t> shard_group::index_by_id(wire::bytes datagram) const noexcept
{
    const auto& present = codec();
    const auto id = present.id_of_datagram(datagram);
    if (id.empty()) return std::nullopt;
    const auto named = present.shard_of(id);
    return !named && imported_.have_ids() ? imported_.find(id) : named;
}

}  // namespace quivive::runtime
