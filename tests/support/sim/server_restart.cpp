#include "support/sim/server.hpp"

// One process ends, and another continues its sessions.
namespace quivive::test::sim {

using sessions::close_reason;

void server::restart()
{
    audit.restart(true);
    ++restarts_;
    auto left = export_sessions();
    dispatcher_->close_all(close_reason::server_stopped, time_.now(), *this);
    audit.hold(dispatcher_->size() == 0, "state is left of a server that has closed");
    dispatcher_ = make_dispatcher();
    for (auto& each : left) {
        const auto saved = sessions::decode(each.blob);
        if (!saved) return audit.fail("an exported session cannot be decoded");
        arriving_ = &each;
        audit.hold(
            dispatcher_->import_session(*saved, ciphers_, time_.now()) == dispatch::import_outcome::imported,
            "an exported session is not imported");
        arriving_ = nullptr;
    }
    audit.restart(false);
    alarm_ = no_deadline;
    step_over();
}

/// Sessions that cannot be exported stay. The others may still send between their copy and their end,
/// unlike in a real server: the blob skips sequence numbers for these records.
std::vector<server::leaving> server::export_sessions()
{
    std::vector<leaving> left;
    const auto all = sessions_;
    for (const auto& connection : all) {
        const auto saved = dispatcher_->save(*connection, time_.now());
        if (!saved) continue;
        left.push_back(
            {sessions::encode(*saved), audit.begun_at(*connection), read_before_[connection.get()]});
        if (connection->is_open() && random_.chance(0.5)) tell_news(*connection);
        if (connection->is_open()) dispatcher_->remove_exported(*connection);
    }
    return left;
}

}  // namespace quivive::test::sim
