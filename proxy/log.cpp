#include "proxy/log.hpp"

#include "core/json_writer.hpp"

#include <spdlog/details/file_helper.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <ctime>
#include <memory>
#include <mutex>

namespace inventory::proxy {
namespace {

bool is_file(int fd) {
    struct stat status {};
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/// Gathers lines and writes many with one call: a write for each request would
/// be a fifth of what the request costs.
class GatheringSink : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit GatheringSink(const std::string &file) {
        if (!file.empty()) {
            file_.open(file);
        }
    }

protected:
    void sink_it_(const spdlog::details::log_msg &message) override {
        lines_.append(message.payload.begin(), message.payload.end());
        lines_.push_back('\n');
        if (lines_.size() >= limit) {
            flush_();
        }
    }

    void flush_() override {
        if (lines_.size() == 0) {
            return;
        }
        if (file_.filename().empty()) {
            write_to_stderr();
        } else {
            file_.write(lines_);
            file_.flush();
        }
        lines_.clear();
    }

private:
    static constexpr std::size_t limit = 32 * 1024;

    /// Standard error may be a pipe whose reader has stopped; the service must not
    /// stop with it, so what the pipe does not take at once is lost.
    void write_to_stderr() {
        // What a pipe that polls writable takes; a file takes everything.
        const std::size_t piece = is_file(STDERR_FILENO) ? lines_.size() : PIPE_BUF;
        pollfd ready{STDERR_FILENO, POLLOUT, 0};
        for (std::size_t done = 0; done < lines_.size();) {
            if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) {
                return;
            }
            const auto size = std::min(piece, lines_.size() - done);
            const auto written = write(STDERR_FILENO, lines_.data() + done, size);
            if (written <= 0) {
                return;
            }
            done += static_cast<std::size_t>(written);
        }
    }

    spdlog::memory_buf_t lines_;
    spdlog::details::file_helper file_;
};

std::shared_ptr<spdlog::logger> logger = std::make_shared<spdlog::logger>("proxy");

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warn:
        return spdlog::level::warn;
    case Level::error:
        break;
    }
    return spdlog::level::err;
}

std::string_view name_of(Level level) {
    switch (level) {
    case Level::debug:
        return "debug";
    case Level::info:
        return "info";
    case Level::warn:
        return "warn";
    case Level::error:
        break;
    }
    return "error";
}

} // namespace

void open_log(const std::string &file, const std::string &level) {
    auto sink = std::make_shared<GatheringSink>(file);
    if (logger->sinks().empty()) {
        logger->sinks().push_back(std::move(sink));
        set_log_level(level);
        return;
    }
    // Another thread may be logging: the list of sinks must not change under
    // it, a logger that was swapped out lives as long as someone uses it.
    flush_log();
    auto fresh = std::make_shared<spdlog::logger>("proxy", std::move(sink));
    std::atomic_store(&logger, std::move(fresh));
    set_log_level(level);
}

void set_log_level(const std::string &level) {
    std::atomic_load(&logger)->set_level(spdlog::level::from_str(level));
}

bool is_logged(Level level) {
    return std::atomic_load(&logger)->should_log(to_spdlog(level));
}

void append_now(std::string &out) {
    using namespace std::chrono;
    thread_local std::time_t second = 0;
    thread_local char text[] = "1970-01-01T00:00:00";
    const auto now = system_clock::now();
    const auto millis = duration_cast<milliseconds>(now.time_since_epoch()).count();
    if (const std::time_t current = millis / 1000; current != second) {
        std::tm parts{};
        gmtime_r(&current, &parts);
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
        second = current;
    }
    const auto rest = static_cast<int>(millis % 1000);
    out += text;
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    out += static_cast<char>('0' + rest / 10 % 10);
    out += static_cast<char>('0' + rest % 10);
    out += 'Z';
}

void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields) {
    const auto current = std::atomic_load(&logger);
    if (!current->should_log(to_spdlog(level))) {
        return;
    }
    std::string line = "{\"time\":\"";
    append_now(line);
    line += "\",\"level\":\"";
    line += name_of(level);
    line += "\",\"message\":";
    append_json_string(line, message);
    for (const auto &[name, text] : fields) {
        line += ',';
        append_json_string(line, name);
        line += ':';
        append_json_string(line, text);
    }
    line += '}';
    current->log(to_spdlog(level), line);
    current->flush();
}

void log_line(std::string_view members) {
    thread_local std::string line;
    line = "{\"time\":\"";
    append_now(line);
    line += '"';
    line += members;
    line += '}';
    std::atomic_load(&logger)->log(spdlog::level::info, line);
}

void flush_log() {
    std::atomic_load(&logger)->flush();
}

} // namespace inventory::proxy
