#pragma once

#include "record/protection.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"
#include "tls/handshake.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace quivive::test {

/// Records without protection: the first byte of a payload is the kind that the record opens as, the rest is
/// the message.
class fake_protection final : public record::protection {
public:
    explicit fake_protection(const bool& aead_limit_reached) noexcept
        : aead_limit_reached_{aead_limit_reached}
    {
    }

    record::opened open(const wire::record_view& record, std::span<std::byte> plaintext, const wire::path&,
                        wire::outbox&) noexcept override
    {
        const auto kind = static_cast<record::opened_kind>(record.payload.front());
        std::ranges::copy(record.payload.subspan(1), plaintext.begin());
        return {kind, record.payload.size() - 1, drop_reason::bad_record_mac};
    }
    record::sealed seal(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept override
    {
        out.send(path, message);
        return record::sealed::sent;
    }
    void send_alert(record::alert what, const wire::path& path, wire::outbox& out) noexcept override
    {
        const std::byte alert[]{static_cast<std::byte>(what)};
        out.send(path, alert);
    }
    void renew(std::span<std::byte> record) noexcept override
    {
        record.back() = static_cast<std::byte>(std::to_integer<unsigned>(record.back()) + 1);
    }
    std::size_t max_message_size() const noexcept override { return 1'000; }
    std::size_t min_payload() const noexcept override { return 1; }
    bool aead_limit_reached() const noexcept override { return aead_limit_reached_; }

private:
    const bool& aead_limit_reached_;
};

/// The behaviour of the fake handshake, which the association owns.
struct handshake_script {
    tls::handshake_status status = tls::handshake_status::in_progress;
    tls::feed_result answer{.consumed = true};
    time_point wake = no_deadline;
    unsigned fed = 0;
    unsigned timers = 0;
    std::uint16_t repeats = 0;
    std::vector<octets> early;
    bool sends_last = true;
    bool wears_out = false;
    std::function<void()> when_fed;  ///< may be empty
};

class fake_handshake final : public tls::handshake {
public:
    explicit fake_handshake(handshake_script& script) noexcept : script_{script} {}

    tls::feed_result feed(const wire::record_view&, time_point, wire::outbox&) noexcept override
    {
        ++script_.fed;
        if (script_.when_fed) script_.when_fed();
        return script_.answer;
    }
    void on_timer(time_point, wire::outbox&) noexcept override
    {
        ++script_.timers;
        ++script_.repeats;
        script_.wake = no_deadline;
    }
    time_point next_wake() const noexcept override { return script_.wake; }
    std::uint16_t take_retransmissions() noexcept override
    {
        return std::exchange(script_.repeats, std::uint16_t{0});
    }
    bool take_refused_resumption() noexcept override { return false; }
    tls::handshake_status status() const noexcept override { return script_.status; }
    error_code error() const noexcept override { return make_error_code(errc::certificate_rejected); }
    tls::handshake_facts facts() const override { return {}; }
    std::unique_ptr<record::protection> take_protection() override
    {
        return std::make_unique<fake_protection>(script_.wears_out);
    }
    tls::flight take_last_flight() override
    {
        tls::flight flight{1'200, 0};
        if (script_.sends_last) flight.add(make_record(wire::content_type::handshake, octets(20), 1));
        return flight;
    }
    [[nodiscard]] std::size_t held_bytes() const noexcept override { return 0; }
    [[nodiscard]] std::size_t max_held() const noexcept override { return tls::max_held(32'768); }
    void limit_held_bytes(std::size_t) noexcept override {}
    [[nodiscard]] bool is_costly(const wire::record_view&) const noexcept override { return true; }
    std::vector<octets> take_early_records() override { return std::move(script_.early); }

private:
    handshake_script& script_;
};

}  // namespace quivive::test
