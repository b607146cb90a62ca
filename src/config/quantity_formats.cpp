#include "config/format.hpp"
#include "config/range_text.hpp"
#include "config/units.hpp"

namespace quivive::config {

namespace {

std::optional<std::size_t> as_number(const value& value)
{
    const auto* const number = std::get_if<std::int64_t>(&value.content);
    if (number == nullptr || *number < 0) return {};
    return static_cast<std::size_t>(*number);
}

bool is_digits(const value& value)
{
    const auto* const text = std::get_if<std::string>(&value.content);
    return text != nullptr && !text->empty() && text->find_first_not_of("0123456789") == std::string::npos;
}

// Returns the digits of a quantity given without a unit: 30 or "30". Empty for other values.
std::string bare_number(const value& value)
{
    if (is_digits(value) && std::get<std::string>(value.content).size() < 20)
        return std::get<std::string>(value.content);
    const auto number = as_number(value);
    return number ? std::to_string(*number) : std::string{};
}

// Parser of a quantity with a unit.
template <typename T>
struct quantity {
    std::optional<T> (*parse)(std::string_view);
    std::vector<std::string> usual_units;  // suggested when the unit is missing
};

template <typename T>
void refuse_quantity(const value& value, const quantity<T>& of, const std::string& expects,
                     const reading& reading)
{
    const auto digits = bare_number(value);
    if (digits.empty() || of.usual_units.empty()) return refuse(value, expects, reading);
    std::string proposal;
    for (const auto& unit : of.usual_units)
        proposal += (proposal.empty() ? "" : " or ") + in_quotes(digits + unit);
    reading.complain(value.where, "is " + shown(value) + ", without a unit; write " + proposal +
                                      "; it must be " + expects);
}

template <typename T>
format<T> in_units(std::string expects, quantity<T> of, range<T> range, text_of<T> text)
{
    expects += ", " + range_text(range, text);
    const auto read = [=](const value& value, const reading& reading) -> std::optional<T> {
        const auto* const given = std::get_if<std::string>(&value.content);
        const auto parsed = given != nullptr ? of.parse(*given) : std::nullopt;
        if (parsed && range.holds(*parsed)) return parsed;
        if (parsed)
            refuse(value, expects, reading);
        else
            refuse_quantity(value, of, expects, reading);
        return {};
    };
    return {expects, read, [text](const T& held) { return in_quotes(text(held)); }};
}

}  // namespace

format<bool> flag()
{
    const std::string expects = "true or false";
    const auto read = [=](const value& value, const reading& reading) -> std::optional<bool> {
        if (const auto* const given = std::get_if<bool>(&value.content)) return *given;
        refuse(value, expects, reading);
        return {};
    };
    return {expects, read, [](const bool& held) { return std::string{held ? "true" : "false"}; }};
}

format<std::size_t> count(number_range range)
{
    const auto expects = "a whole number, " + range_text(range, &count_text);
    const auto read = [=](const value& value, const reading& reading) -> std::optional<std::size_t> {
        if (const auto number = as_number(value); number && range.holds(*number)) return number;
        refuse(value, expects, reading);
        return {};
    };
    return {expects, read, [](const std::size_t& held) { return count_text(held); }};
}

format<std::size_t> size(number_range range)
{
    auto units = in_units<std::size_t>("a number of bytes, or a size such as \"64KiB\" or \"64kB\"",
                                       {&parse_size, {"B", "KiB"}}, range, &size_text);
    const auto write = [with_unit = units.write](const std::size_t& held) {
        const auto plain = count_text(held);
        return size_text(held) == plain ? plain : with_unit(held);
    };
    const auto read = [=](const value& value, const reading& reading) -> std::optional<std::size_t> {
        if (!std::holds_alternative<std::int64_t>(value.content)) return units.read(value, reading);
        if (const auto bytes = as_number(value); bytes && range.holds(*bytes)) return bytes;
        refuse(value, units.expects, reading);
        return {};
    };
    return {units.expects, read, write};
}

format<std::chrono::milliseconds> duration(time_range range)
{
    return in_units<std::chrono::milliseconds>("a time such as \"30s\", \"250ms\" or \"1m30s\"",
                                               {&parse_duration, {"s", "ms"}}, range, &duration_text);
}

format<unsigned> percent(percent_range range)
{
    return in_units<unsigned>("a percentage such as \"50%\"", {&parse_percent, {"%"}}, range, &percent_text);
}

}  // namespace quivive::config
