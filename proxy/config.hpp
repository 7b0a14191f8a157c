#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace inventory::proxy {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

/// What one client may cost. Every limit can be changed by SIGHUP.
struct Limits {
    std::size_t target_bytes = 0; ///< Request target; over it 414.
    std::size_t header_bytes = 0; ///< All header lines together; over it 431.
    std::size_t header_count = 0; ///< Header lines; over it 431.
    std::size_t body_bytes = 0;   ///< Request body after dechunking; over it 413.
    Milliseconds head_time{};     ///< From the first byte of a request to the end of its head.
    Milliseconds body_time{};     ///< From the end of the head to the end of the body.
    Milliseconds idle_time{};     ///< Between requests.
    Milliseconds stall_time{};    ///< Without progress in sending or receiving.
    std::size_t held_bytes = 0;   ///< Bodies that come or wait to be read, of one listener.
    std::size_t connections = 0;  ///< Clients of one worker; the next one gets 503.
    std::size_t per_address = 0;  ///< Clients of one address; 0 is no limit.
    std::size_t queue_length = 0; ///< Requests that wait for one lane.
    Milliseconds queue_time{};    ///< The longest wait in a lane.
};

/// Size and deadline of one lane of database connections.
struct LaneConfig {
    int connections = 0;
    int depth = 0; ///< Requests in the pipeline of one connection.
    Milliseconds deadline{};
    int nice = 0; ///< Niceness of the server's processes.
};

/// `requests` in each `period`, for each API key. Zero requests: no limit.
struct Rate {
    double requests = 0;
    Milliseconds period{};
};

/// Everything the operator decides. One table in config.cpp binds each member
/// to its flag, its environment variable and its key in the file.
struct Config {
    std::vector<std::string> listen;
    std::string admin;
    std::string database;
    std::string replica;
    bool prepare = true;
    LaneConfig read;
    LaneConfig write;
    LaneConfig slow;
    LaneConfig heavy;
    Milliseconds connect_time{};
    Milliseconds reconnect_max{};
    Milliseconds check_interval{};
    int workers = 1;
    Limits limits;
    Rate rate;
    int gzip_level = 0;
    std::size_t gzip_bytes = 0;
    std::string docs;
    bool cancel_on_fin = false;
    bool trust_forwarded = false;
    Milliseconds drain{};
    Milliseconds drain_delay{};
    std::string log_level;
    std::string log_file;
    bool log_requests = true;
    bool log_redact = false;
};

/// What the command line asks for.
struct CommandLine {
    Config config;
    bool check_only = false; ///< --check-config: the configuration is valid, say so and leave.
};

/// Thrown when the process should leave: after --help or --version (code 0), or with what is
/// wrong in the configuration (code 2).
struct Exit {
    int code;
    std::string text;
};

/// Reads flags, then the environment, then the file of --config; the first that
/// names an option wins. Throws Exit.
CommandLine read_command_line(int argc, const char *const *argv);

/// `250ms`, `10s`, `2m`, `1h`; a bare number is seconds. Throws std::invalid_argument.
Milliseconds parse_duration(const std::string &text);

/// `16384`, `16k`, `1m`. Throws std::invalid_argument.
std::size_t parse_size(const std::string &text);

/// `1620/min`, `50/s`, `10000/h`, `off`. Throws std::invalid_argument.
Rate parse_rate(const std::string &text);

} // namespace inventory::proxy
