#include "config/connection_ids.hpp"

#include "config/range_text.hpp"
#include "config/units.hpp"

namespace quivive {

std::string_view to_string(move_policy policy) noexcept
{
    switch (policy) {
        case move_policy::limited:
            return "limited";
        case move_policy::sustained:
            return "sustained";
        case move_policy::trusted:
            return "trusted";
    }
    return "unknown";
}

namespace config {

std::string move_rule_key(std::size_t index) { return "connection_ids.rule[" + std::to_string(index) + "]"; }

std::vector<problem> check_connection_ids(const server_config& server)
{
    std::vector<problem> problems;
    const auto& ids = server.connection_ids;
    check_range(problems, "connection_ids.length", ids.length, connection_id_range, &count_text);
    if (ids.enabled && server.record_layer == record_layer::attached)
        problems.push_back(
            {"connection_ids.enabled",
             "is true, but GnuTLS records (record_layer = \"attached\") do not support connection ids; use "
             "record_layer = \"detached\"",
             "record_layer"});
    if (ids.enabled && server.dtls_1_0)
        problems.push_back(
            {"connection_ids.enabled",
             "is true, but dtls10 enables ciphers in CBC mode, which do not support connection ids; "
             "disable one of the two",
             "dtls10"});
    for (std::size_t i = 0; i < ids.rules.size(); ++i)
        if (ids.rules[i].networks.empty())
            problems.push_back({move_rule_key(i) + ".networks",
                                "is empty, so the rule matches no peer; name at least one network, such as "
                                "\"10.20.0.0/16\"",
                                {}});
    return problems;
}

}  // namespace config

}  // namespace quivive
