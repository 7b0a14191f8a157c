#include "loader/progress.hpp"

#include <cstdio>

namespace inventory::loader {

Progress::Progress(bool is_shown, std::uint64_t total, std::uint64_t done, const Counts &before)
    : is_shown_(is_shown), total_(total), done_before_(done), documents_before_(before.documents),
      begin_(Clock::now()), drawn_(begin_) {}

void Progress::update(std::uint64_t done, const Counts &counts) {
    const auto now = Clock::now();
    if (!is_shown_ || (is_drawn_ && now - drawn_ < std::chrono::milliseconds(200))) {
        return;
    }
    drawn_ = now;
    const double seconds = std::max(std::chrono::duration<double>(now - begin_).count(), 0.001);
    std::string line = grouped(counts.documents) + " documents";
    if (total_ > 0) {
        line += "  " + std::to_string(done * 100 / total_) + " %";
    }
    line += "  " +
            grouped(static_cast<std::uint64_t>(
                static_cast<double>(counts.documents - documents_before_) / seconds)) +
            "/s";
    if (total_ > 0 && done > done_before_) {
        const double rate = static_cast<double>(done - done_before_) / seconds;
        const auto left = total_ > done ? static_cast<double>(total_ - done) : 0.0;
        line += "  " + duration_text(static_cast<std::uint64_t>(left / rate)) + " left";
    }
    if (counts.rejected > 0) {
        line += "  " + grouped(counts.rejected) + " rejected";
    }
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    std::fflush(stderr);
    is_drawn_ = true;
}

void Progress::clear() {
    if (is_drawn_) {
        std::fputs("\r\x1b[K", stderr);
        is_drawn_ = false;
    }
}

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

std::string duration_text(std::uint64_t seconds) {
    if (seconds < 60) {
        return std::to_string(seconds) + " s";
    }
    if (seconds < 3600) {
        return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    }
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

} // namespace inventory::loader
