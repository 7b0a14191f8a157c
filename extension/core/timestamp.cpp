#include "core/timestamp.hpp"

#include <chrono>

namespace inventory {
namespace {

constexpr std::int64_t micros_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::size_t max_fraction_digits = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes a text apart from its front; every method says whether it fitted.
class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept : rest_(text) {}

    bool at_end() const noexcept { return rest_.empty(); }

    bool literal(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    /// Exactly `width` digits, at most `most`.
    bool number(std::size_t width, int most, int &value) noexcept {
        if (rest_.size() < width) {
            return false;
        }
        value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            if (!is_digit(rest_[i])) {
                return false;
            }
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(width);
        return value <= most;
    }

    /// One to nine digits after a dot, cut to microseconds.
    bool fraction(std::int64_t &micros) noexcept {
        std::size_t digits = 0;
        for (std::int64_t unit = micros_per_second / 10;
             digits < rest_.size() && is_digit(rest_[digits]); ++digits, unit /= 10) {
            micros += unit * (rest_[digits] - '0');
        }
        rest_.remove_prefix(digits);
        return digits >= 1 && digits <= max_fraction_digits;
    }

    bool date(std::int64_t &days) noexcept {
        int year, month, day;
        if (!number(4, 9999, year) || year == 0 || !literal('-') || !number(2, 12, month) ||
            !literal('-') || !number(2, 31, day)) {
            return false;
        }
        const std::chrono::year_month_day date{std::chrono::year{year},
                                               std::chrono::month{static_cast<unsigned>(month)},
                                               std::chrono::day{static_cast<unsigned>(day)}};
        if (!date.ok()) {
            return false;
        }
        days = std::chrono::sys_days{date}.time_since_epoch().count();
        return true;
    }

    /// `hh:mm[:ss[.digits]]`, in microseconds since midnight.
    bool clock(std::int64_t &micros) noexcept {
        int hour, minute, second = 0;
        std::int64_t fraction_micros = 0;
        if (!number(2, 23, hour) || !literal(':') || !number(2, 59, minute)) {
            return false;
        }
        if (literal(':') &&
            (!number(2, 59, second) || (literal('.') && !fraction(fraction_micros)))) {
            return false;
        }
        micros = ((hour * 60 + minute) * 60 + second) * micros_per_second + fraction_micros;
        return true;
    }

    /// Nothing, `Z` or `±hh:mm`: how far the clock is ahead of UTC.
    bool zone(std::int64_t &micros) noexcept {
        if (at_end() || literal('Z')) {
            micros = 0;
            return true;
        }
        const bool is_ahead = literal('+');
        int hours, minutes;
        if ((!is_ahead && !literal('-')) || !number(2, 23, hours) || !literal(':') ||
            !number(2, 59, minutes)) {
            return false;
        }
        micros = (hours * 60 + minutes) * 60 * micros_per_second * (is_ahead ? 1 : -1);
        return true;
    }

private:
    std::string_view rest_;
};

/// Writes the last `width` digits of a value that is not negative; returns the end.
char *write_digits(char *out, std::int64_t value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

} // namespace

std::optional<std::int64_t> parse_date(std::string_view text) noexcept {
    Scanner scanner(text);
    std::int64_t days;
    if (!scanner.date(days) || !scanner.at_end()) {
        return std::nullopt;
    }
    return days;
}

std::optional<UnixMicros> parse_timestamp(std::string_view text) noexcept {
    Scanner scanner(text);
    std::int64_t days, since_midnight = 0, ahead = 0;
    if (!scanner.date(days)) {
        return std::nullopt;
    }
    if (!scanner.at_end() && (!scanner.literal('T') || !scanner.clock(since_midnight) ||
                              !scanner.zone(ahead) || !scanner.at_end())) {
        return std::nullopt;
    }
    return days * seconds_per_day * micros_per_second + since_midnight - ahead;
}

void append_timestamp(std::string &out, UnixMicros time) {
    using namespace std::chrono;
    const sys_time<microseconds> instant{microseconds{time}};
    const sys_days midnight = floor<days>(instant);
    const year_month_day date{midnight};
    const hh_mm_ss clock{instant - midnight};
    char text[sizeof "YYYY-MM-DDThh:mm:ss.uuuuuuZ"];
    char *end = write_digits(text, int{date.year()}, 4);
    *end++ = '-';
    end = write_digits(end, unsigned{date.month()}, 2);
    *end++ = '-';
    end = write_digits(end, unsigned{date.day()}, 2);
    *end++ = 'T';
    end = write_digits(end, clock.hours().count(), 2);
    *end++ = ':';
    end = write_digits(end, clock.minutes().count(), 2);
    *end++ = ':';
    end = write_digits(end, clock.seconds().count(), 2);
    if (const std::int64_t micros = clock.subseconds().count(); micros != 0) {
        *end++ = '.';
        end = write_digits(end, micros, 6);
    }
    *end++ = 'Z';
    out.append(text, end);
}

} // namespace inventory
