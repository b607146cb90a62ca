#include "known_answers.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace quivive::test {

octets hex(const std::string& text)
{
    return text == "-" ? octets{} : secret::from_hex(text).value().bytes();
}

namespace {

record::cipher cipher_named(const std::string& name)
{
    constexpr std::pair<const char*, record::cipher> names[]{
        {"AES-128-GCM", record::cipher::aes_128_gcm},
        {"AES-256-GCM", record::cipher::aes_256_gcm},
        {"AES-128-CCM", record::cipher::aes_128_ccm},
        {"AES-256-CCM", record::cipher::aes_256_ccm},
        {"AES-128-CCM-8", record::cipher::aes_128_ccm_8},
        {"AES-256-CCM-8", record::cipher::aes_256_ccm_8},
        {"CHACHA20-POLY1305", record::cipher::chacha20_poly1305},
    };
    const auto* const found = std::ranges::find(names, name, &std::pair<const char*, record::cipher>::first);
    REQUIRE(found != std::end(names));
    return found->second;
}

}  // namespace

std::vector<known_answer> answers_of(const std::string& name)
{
    std::ifstream file{std::string{QUIVIVE_RECORD_VECTORS "/"} + name + ".txt"};
    REQUIRE(file);
    std::vector<known_answer> answers;
    known_answer now;
    for (std::string line; std::getline(file, line);) {
        const auto space = line.find(' ');
        if (space == std::string::npos || line.front() == '#') continue;
        const auto word = line.substr(0, space), value = line.substr(space + 1);
        if (word == "by") now.by = value;
        if (word == "cipher") now.cipher = cipher_named(now.cipher_name = value);
        if (word == "key") now.key = hex(value);
        if (word == "iv") now.iv = hex(value);
        if (word == "id") now.id = hex(value);
        if (word == "number") now.number = std::stoull(value, nullptr, 16);
        if (word == "type") now.type = static_cast<wire::content_type>(std::stoi(value));
        if (word == "plaintext") now.plaintext = hex(value);
        if (word == "padding") now.padding = std::stoul(value);
        if (word == "record") {
            now.record = hex(value);
            answers.push_back(now);
        }
    }
    return answers;
}

std::string name_of(const known_answer& answer)
{
    std::ostringstream text;
    text << answer.by << ", " << answer.cipher_name << ", number " << std::hex << answer.number;
    if (!answer.id.empty()) text << ", id of " << std::dec << answer.id.size();
    return text.str();
}

}  // namespace quivive::test
