#include "dispatch/handshake_step.hpp"

#include "wire/record.hpp"

#include <utility>

namespace quivive::dispatch {

handshake_step::handshake_step(std::shared_ptr<dispatch::connection> connection,
                               std::vector<std::byte> records, std::size_t id_size)
    : connection_{std::move(connection)},
      handshake_{connection_->detach_handshake()},
      records_{std::move(records)},
      id_size_{id_size},
      begins_{!std::exchange(connection_->pending->begun, true)},
      validation_{connection_->unvalidated() ? validation::unvalidated : validation::validated}
{
}

void handshake_step::run(time_point now, work_meter& work) noexcept
{
    work.begin();
    for (wire::record_cutter cutter{records_, id_size_}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* record = std::get_if<wire::record_view>(&cut);
        if (!record) break;
        const auto fed = handshake_->feed(*record, now, flight_);
        if (!fed.consumed) ++discarded_[fed.reason];
        alerted_ = alerted_ || fed.plaintext_fatal_alert;
    }
    cpu_time_ = work.end();
}

}  // namespace quivive::dispatch
