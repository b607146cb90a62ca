#pragma once

#include "dispatch/connection.hpp"

#include <cstring>
#include <unordered_map>

namespace quivive::dispatch {

/// Connections by the connection id that their peers use. Contains only ids made by this server, which no
/// peer can choose. So the id's own bytes serve as the hash.
class id_table {
public:
    /// Returns false when another connection has its id. May throw std::bad_alloc, without effect.
    [[nodiscard]] bool add(const std::shared_ptr<connection>& connection)
    {
        return table_.emplace(connection->id, connection).second;
    }
    void remove(const connection& connection) noexcept
    {
        if (const auto found = table_.find(connection.id);
            found != table_.end() && found->second.get() == &connection)
            table_.erase(found);
    }

    /// Returns null when no connection has this id.
    [[nodiscard]] std::shared_ptr<connection> find(wire::bytes id) const noexcept
    {
        if (id.size() > wire::own_connection_id::max_size || table_.empty()) return nullptr;
        const auto found = table_.find(wire::own_connection_id{id});
        return found == table_.end() ? nullptr : found->second;
    }

    [[nodiscard]] bool empty() const noexcept { return table_.empty(); }
    /// Precondition: not empty.
    [[nodiscard]] std::shared_ptr<connection> any() const noexcept { return table_.begin()->second; }

    template <typename Visit>
    void for_each(Visit visit) const
    {
        for (const auto& [id, connection] : table_) visit(*connection);
    }

private:
    struct first_bytes {
        std::size_t operator()(const wire::own_connection_id& id) const noexcept
        {
            std::size_t hash = 0;
            std::memcpy(&hash, id.value().data(), std::min(sizeof hash, id.value().size()));
            return hash;
        }
    };
    std::unordered_map<wire::own_connection_id, std::shared_ptr<connection>, first_bytes> table_;
};

}  // namespace quivive::dispatch
