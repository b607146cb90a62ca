#include "record/sealing.hpp"
#include "session/association.hpp"
#include "session/saved_session.hpp"

// Export of an association to another process, and import from one.
namespace quivive::sessions {

std::optional<saved_session> association::save(time_point now) const
{
    const auto* const keys = phase_ == phase::established && protection_ ? protection_->keys() : nullptr;
    if (!keys || protection_->aead_limit_reached()) return std::nullopt;
    saved_session saved;
    saved.path =
        path_validator_ ? path_validator_->validated(path_) : path_;  // the peer's next record moves it again
    saved.keys = *keys;
    saved.keys.next_write += sequence_gap;
    if ((saved.keys.next_write ^ keys->next_write) >> 48 != 0) return std::nullopt;  // into the next epoch
    if (const auto* const ids = protection_->ids()) saved.ids = *ids;
    if (last_flight_ && deadline_ > now) {
        const auto records = last_flight_->flight.records();
        saved.last_flight.assign(records.begin(), records.end());
        saved.flight_kept = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now);
    }
    messages_.for_each([&](const message& waiting) {
        saved.unread.emplace_back(waiting.bytes().begin(), waiting.bytes().end());
    });
    return saved;
}

void association::resume(const saved_session& saved, std::unique_ptr<record::protection> protection,
                         time_point now)
{
    protection_ = std::move(protection);
    facts_ = std::make_unique<tls::handshake_facts>(saved.facts);
    facts_->imported = true;
    phase_ = phase::established;
    max_message_size_ = static_cast<std::uint16_t>(protection_->max_message_size());
    since_ = last_activity_ = now;
    deadline_ = no_deadline;
    begin_path_validation();
    if (!saved.last_flight.empty()) {
        const auto* const ids = protection_->ids();
        keep_last_flight(tls::flight{saved.last_flight, ids ? ids->peers.size() : 0});
        deadline_ = now + saved.flight_kept;
    }
    for (const auto& text : saved.unread) {
        auto waiting = messages_.pool().take(text.size());
        if (!waiting) break;
        wire::copy(text, waiting->storage);
        waiting->size = text.size();
        if (!messages_.push(std::move(waiting), limits_->receive_queue_messages,
                            limits_->receive_queue_bytes))
            break;
    }
}

void association::begin_path_validation()
{
    const auto* const ids = protection_->ids();
    if (!ids || ids->own.empty()) return;
    // Only records protected with quivive's own keys, not GnuTLS's, carry connection ids.
    const auto* const keys = ids->checks_paths ? protection_->keys() : nullptr;
    const auto challenge_size =
        keys ? path_validator::path_message_size +
                   record::size_around(record::traits_of(keys->cipher), ids->peers.value())
             : 0;
    path_validator_ = std::make_unique<path_validator>(gate::hash_key{ids->seed[0], ids->seed[1]},
                                                       challenge_size, *limits_, path_.peer);
}

}  // namespace quivive::sessions
