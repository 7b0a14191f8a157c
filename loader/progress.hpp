#pragma once

#include "loader/checkpoint.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace inventory::loader {

/// One line on standard error, rewritten as the load goes on: documents, share of
/// the bytes, rate, time left.
class Progress {
public:
    /// `total` bytes, 0 when they are not known; `done` of them before this run.
    Progress(bool is_shown, std::uint64_t total, std::uint64_t done, const Counts &before);

    void update(std::uint64_t done, const Counts &counts);
    /// Takes the line away, so that something else can be written.
    void clear();

private:
    using Clock = std::chrono::steady_clock;

    bool is_shown_;
    bool is_drawn_ = false;
    std::uint64_t total_;
    std::uint64_t done_before_;
    std::uint64_t documents_before_;
    Clock::time_point begin_;
    Clock::time_point drawn_;
};

/// `1,234,567`
std::string grouped(std::uint64_t number);

/// `42 s`, `3 min 5 s`, `2 h 10 min`
std::string duration_text(std::uint64_t seconds);

} // namespace inventory::loader
