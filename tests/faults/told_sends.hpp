#pragma once

#include "quivive/error.hpp"

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace quivive::test {

/// Places for sends in a queue of four. The fourth place is for flights and alerts.
inline constexpr std::size_t queue_places = 3;

/// The results of sends, in the order of their completion.
class told_sends {
public:
    auto teller(std::size_t number)
    {
        return [this, number](error_code why, std::size_t) {
            const std::lock_guard lock{mutex_};
            told_.emplace_back(number, why);
        };
    }
    [[nodiscard]] std::vector<std::pair<std::size_t, error_code>> all()
    {
        const std::lock_guard lock{mutex_};
        return told_;
    }
    [[nodiscard]] std::size_t count() { return all().size(); }
    [[nodiscard]] error_code of(std::size_t number)
    {
        for (const auto& [sent, why] : all())
            if (sent == number) return why;
        return make_error_code(errc::operation_in_progress);
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<std::size_t, error_code>> told_;
};

}  // namespace quivive::test
