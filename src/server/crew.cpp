#include "server/crew.hpp"

namespace quivive::detail {

void crew::use(dispatch::id_codec codec)
{
    if (!codecs_.empty() && codec == *codecs_.back()) return;
    codecs_.push_back(std::make_unique<const dispatch::id_codec>(std::move(codec)));
    codec_.store(codecs_.back().get(), std::memory_order_release);
}

std::size_t crew::place_arrival(const wire::path& path, const wire::own_connection_id& id, std::size_t place)
{
    place %= shards_.size();
    if (!id.empty()) {
        expect_ids();
        if (const auto named = codec().shard_of(id.value())) return *named;
    }
    if (shards_.size() > 1) arrivals_.note(path, id, place);
    return place;
}

std::optional<std::size_t> crew::named_by(wire::bytes datagram) const noexcept
{
    const auto& present = codec();
    const auto id = present.id_of_datagram(datagram);
    if (id.empty()) return std::nullopt;
    const auto named = present.shard_of(id);
    return !named && arrivals_.have_ids() ? arrivals_.find(id) : named;
}

}  // namespace quivive::detail
