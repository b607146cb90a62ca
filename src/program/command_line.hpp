#pragma once

#include "quivive/credentials.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace quivive::program {

/// Adds an option with one value, which `take` parses. It may be given once. An `std::invalid_argument` from
/// `take` becomes a validation error of CLI11.
template <typename Take>
CLI::Option* add_value(CLI::App& command, const std::string& name, const std::string& placeholder, Take take,
                       const std::string& description)
{
    const auto read = [name, take = std::move(take)](const std::string& text) {
        try {
            take(text);
        } catch (const std::invalid_argument& objection) {
            throw CLI::ValidationError(name, objection.what());
        }
    };
    return command.add_option_function<std::string>(name, read, description)->type_name(placeholder);
}

/// Adds an option that may be given several times, each time with one value.
template <typename Take>
CLI::Option* add_values(CLI::App& command, const std::string& name, const std::string& placeholder, Take take,
                        const std::string& description)
{
    const auto read = [name, take = std::move(take)](const std::vector<std::string>& texts) {
        try {
            for (const auto& text : texts) take(text);
        } catch (const std::invalid_argument& objection) {
            throw CLI::ValidationError(name, objection.what());
        }
    };
    return command.add_option_function<std::vector<std::string>>(name, read, description)
        ->type_name(placeholder)
        ->allow_extra_args(false);
}

/// Adds --cert and --key, each of which requires the other.
inline void add_certificate(CLI::App& command, std::optional<certificate>& into,
                            const std::string& description)
{
    const auto set = [&into](std::string certificate::*member) {
        return [&into, member](const std::string& file) {
            if (!into) into.emplace();
            (*into).*member = file;
        };
    };
    auto* const cert = add_value(command, "--cert", "FILE", set(&certificate::chain_file), description);
    auto* const key =
        add_value(command, "--key", "FILE", set(&certificate::key_file), "Its private key, PEM");
    cert->needs(key);
    key->needs(cert);
}

}  // namespace quivive::program
