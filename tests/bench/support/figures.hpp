#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace quivive::bench {

/// Results of a run: named numbers, printed as one line of JSON or as readable lines.
class figures {
public:
    void add(std::string name, double value) { all_.emplace_back(std::move(name), value); }

    void print(bool json) const
    {
        const char* before = json ? "{" : "";
        for (const auto& [name, value] : all_) {
            const double shown = std::isfinite(value) ? value : 0;
            const int decimals = std::abs(shown) < 1'000 && shown != std::floor(shown) ? 3 : 0;
            std::printf(json ? "%s\"%s\": %.*f" : "%s%-28s %.*f\n", before, name.c_str(), decimals, shown);
            if (json) before = ", ";
        }
        if (json) std::puts("}");
        std::fflush(stdout);
    }

private:
    std::vector<std::pair<std::string, double>> all_;
};

}  // namespace quivive::bench
