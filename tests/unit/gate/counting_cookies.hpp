#pragma once

#include "gate/gate.hpp"
#include "gate/key_ring.hpp"
#include "tls/cookie_functions.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

namespace quivive::test {

inline std::shared_ptr<const gate::rule_table> rules(const cookie_policy& policy)
{
    return std::make_shared<const gate::rule_table>(policy);
}

/// The calls of `counting_cookies`, which is owned by the gate.
struct cookie_calls {
    unsigned verified = 0;
    unsigned challenged = 0;
    std::vector<tls::cookie_key> keys;  ///< keys of all calls, in order
};

/// Cookies that equal their key, so that a test can tell which key signed; every call is counted.
class counting_cookies final : public tls::cookie_functions {
public:
    explicit counting_cookies(cookie_calls& calls) noexcept : calls_{calls} {}

    bool verify(const tls::cookie_key& key, wire::bytes,
                const wire::client_hello_view& hello) const noexcept override
    {
        ++calls_.verified;
        calls_.keys.push_back(key);
        return std::ranges::equal(hello.cookie, key);
    }
    bool challenge(const tls::cookie_key& key, wire::bytes, const wire::client_hello_view&,
                   tls::hello_verify_request& out) const noexcept override
    {
        ++calls_.challenged;
        calls_.keys.push_back(key);
        out.fill(std::byte{0});
        std::ranges::copy(key, out.end() - static_cast<std::ptrdiff_t>(key.size()));
        return true;
    }

private:
    cookie_calls& calls_;
};

/// Returns numbered "random" keys: every byte of key n is n.
struct numbered_keys {
    unsigned char made = 0;
    void operator()(std::span<std::byte> key)
    {
        ++made;
        std::ranges::fill(key, std::byte{made});
    }
};

/// Returns numbered keys; some calls in the middle fail.
struct unreliable_keys {
    unsigned good = 0;      ///< calls before the first failure
    unsigned failures = 0;  ///< number of failing calls
    numbered_keys keys{};
    void operator()(std::span<std::byte> key)
    {
        if (good > 0)
            --good;
        else if (failures > 0) {
            --failures;
            throw std::runtime_error{"no randomness"};
        }
        keys(key);
    }
};

inline tls::cookie_key key_number(int n)
{
    tls::cookie_key key;
    key.fill(static_cast<std::byte>(n));
    return key;
}

}  // namespace quivive::test
