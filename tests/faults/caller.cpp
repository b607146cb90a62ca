#include "faults/caller.hpp"

namespace quivive::test {

using sessions::close_reason;

caller::caller(world& around, unsigned host, std::shared_ptr<const tls::context> context)
    : path{world::path_of(host, 1'000)},
      association{path, std::make_shared<const quivive::limits>(around.limits),
                  std::make_shared<sessions::message_pool>(1'000'000), around.now},
      around_{around},
      context_{std::move(context)}
{
}

bool caller::hello()
try {
    association.begin(tls::make_client_handshake(context_, around_.settings, path, around_.now, *this),
                      around_.now);
    return true;
} catch (const std::exception&) {
    complained_ = true;
    return false;
}

void caller::take(const octets& datagram)
{
    const auto& id = around_.settings.connection_id;
    for (wire::record_cutter cutter{datagram, id ? id->size() : 0}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* const record = std::get_if<wire::record_view>(&cut);
        if (!record || !association.on_record(*record, association.path(), around_.now, *this).consumed)
            complained_ = true;
    }
}

void caller::send(const std::string& message)
{
    if (association.send(wire::as_bytes(message), around_.now, *this) != record::sealed::sent)
        complained_ = true;
}

bool caller::has_complained() const noexcept
{
    const auto why = association.close_reason();
    return complained_ || (why != close_reason::none && why != close_reason::closed_here);
}

std::vector<std::string> caller::read()
{
    std::vector<std::string> texts;
    for (auto& messages = association.messages(); !messages.empty();)
        texts.emplace_back(wire::as_text(messages.pop()->bytes()));
    return texts;
}

void caller::send(const wire::path&, wire::bytes datagram) noexcept
{
    const under_test not_this{false};
    outgoing.emplace_back(datagram.begin(), datagram.end());
}

}  // namespace quivive::test
