#include "proxy/config.hpp"

#include "proxy/conninfo.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <charconv>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>

extern char **environ;

namespace inventory::proxy {
namespace {

constexpr std::string_view env_prefix = "ASSET_INVENTORY_PROXY_";

[[noreturn]] void reject(const std::string &text, std::string_view wanted) {
    throw std::invalid_argument("'" + text + "' is not " + std::string(wanted));
}

/// The number at the start of `text`; `rest` gets what follows it.
double leading_number(const std::string &text, std::string_view &rest, std::string_view wanted) {
    double value = 0;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || value < 0 || value > 1e12) {
        reject(text, wanted);
    }
    rest = {parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)};
    return value;
}

int parse_int(const std::string &text, int low, int high) {
    int value = 0;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value < low || value > high) {
        reject(text, "a number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return value;
}

/// `CONNECTIONSxDEPTH`.
void parse_lane(LaneConfig &lane, const std::string &text) {
    const auto x = text.find('x');
    if (x == std::string::npos) {
        reject(text, "of the form CONNECTIONSxDEPTH, such as 3x6");
    }
    lane.connections = parse_int(text.substr(0, x), 1, 1000);
    lane.depth = parse_int(text.substr(x + 1), 1, 64);
}

std::vector<std::string> parse_list(const std::string &text) {
    std::vector<std::string> items;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto comma = std::min(text.find(',', begin), text.size());
        if (comma > begin) {
            items.push_back(text.substr(begin, comma - begin));
        }
        begin = comma + 1;
    }
    return items;
}

std::string parse_level(const std::string &text) {
    for (const char *level : {"debug", "info", "warn", "error"}) {
        if (text == level) {
            return text;
        }
    }
    reject(text, "one of debug, info, warn, error");
}

bool parse_bool(const std::string &text) {
    if (text == "true" || text == "1" || text == "on" || text == "yes") {
        return true;
    }
    if (text == "false" || text == "0" || text == "off" || text == "no") {
        return false;
    }
    reject(text, "true or false");
}

std::string parse_conninfo(const std::string &text) {
    check_conninfo(text);
    return text;
}

using Apply = void (*)(Config &, const std::string &);

struct Option {
    const char *name;     ///< Without the dashes; also the key in the file.
    const char *fallback; ///< nullptr: must be given. A flag's fallback is "false".
    bool is_flag;
    const char *group;
    const char *help;
    Apply apply;
};

constexpr auto value = false;
constexpr auto flag = true;
constexpr const char *listening = "Listening";
constexpr const char *database = "Database";
constexpr const char *limits = "Limits (reloaded by SIGHUP)";
constexpr const char *answers = "Answers";
constexpr const char *operation = "Operation";

using Text = const std::string &;

// The one table of options.
const std::array table{
    Option{
        "listen", "127.0.0.1:8080", value, listening,
        "Addresses to serve, by comma: HOST:PORT, [IPv6]:PORT or unix:/PATH. Sockets handed over "
        "by systemd (LISTEN_FDS) take its place",
        [](Config &c, Text t) { c.listen = parse_list(t); }},
    Option{"admin", "", value, listening,
           "Address of /livez, /readyz and /metrics; empty for none. Not for the public",
           [](Config &c, Text t) { c.admin = t; }},
    Option{
        "workers", "1", value, listening,
        "Event loops, each with its own database connections. One serves 50,000 requests a second",
        [](Config &c, Text t) { c.workers = parse_int(t, 1, 64); }},
    Option{"database", nullptr, value, database,
           "libpq connection string or URI of the primary; several hosts and target_session_attrs "
           "are understood",
           [](Config &c, Text t) { c.database = parse_conninfo(t); }},
    Option{"database-replica", "", value, database,
           "Connection string for GET and HEAD; while it is away they go to the primary",
           [](Config &c, Text t) { c.replica = parse_conninfo(t); }},
    Option{
        "no-prepare", "false", flag, database,
        "No prepared statements and no startup options, for pgbouncer in transaction or statement "
        "mode",
        [](Config &c, Text t) { c.prepare = !parse_bool(t); }},
    Option{"lane-read", "3x6", value, database,
           "Connections x pipeline depth for GET and HEAD, for each worker",
           [](Config &c, Text t) { parse_lane(c.read, t); }},
    Option{"lane-write", "8x1", value, database, "The same for the other methods",
           [](Config &c, Text t) { parse_lane(c.write, t); }},
    Option{"lane-slow", "4x1", value, database,
           "The same for what the database calls slow: requests that wait",
           [](Config &c, Text t) { parse_lane(c.slow, t); }},
    Option{"lane-heavy", "4x1", value, database,
           "The same for what the database calls heavy: requests that compute",
           [](Config &c, Text t) { parse_lane(c.heavy, t); }},
    Option{"deadline-read", "10s", value, database, "Statement timeout of the read lane",
           [](Config &c, Text t) { c.read.deadline = parse_duration(t); }},
    Option{"deadline-write", "15s", value, database, "Statement timeout of the write lane",
           [](Config &c, Text t) { c.write.deadline = parse_duration(t); }},
    Option{"deadline-slow", "30s", value, database, "Statement timeout of the slow lane",
           [](Config &c, Text t) { c.slow.deadline = parse_duration(t); }},
    Option{"deadline-heavy", "30s", value, database, "Statement timeout of the heavy lane",
           [](Config &c, Text t) { c.heavy.deadline = parse_duration(t); }},
    Option{"nice-heavy", "5", value, database,
           "Niceness, 0 to 19, to which the heavy lane's sessions lower their processes, so that "
           "they do not take a core that another request needs",
           [](Config &c, Text t) { c.heavy.nice = parse_int(t, 0, 19); }},
    Option{"connect-time", "5s", value, database, "Longest wait for a database connection",
           [](Config &c, Text t) { c.connect_time = parse_duration(t); }},
    Option{
        "reconnect-max", "500ms", value, database,
        "Longest pause between attempts to connect; it starts at 20ms, doubles, and is spread by "
        "chance",
        [](Config &c, Text t) { c.reconnect_max = parse_duration(t); }},
    Option{"check-interval", "1s", value, database,
           "client_connection_check_interval of the sessions: how soon the server notices a dead "
           "proxy",
           [](Config &c, Text t) { c.check_interval = parse_duration(t); }},
    Option{"max-target", "96k", value, limits, "Bytes of the request target, over it 414",
           [](Config &c, Text t) { c.limits.target_bytes = parse_size(t); }},
    Option{"max-headers", "16k", value, limits, "Bytes of all header lines, over it 431",
           [](Config &c, Text t) { c.limits.header_bytes = parse_size(t); }},
    Option{"max-header-count", "100", value, limits, "Header lines, over it 431",
           [](Config &c, Text t) { c.limits.header_count = parse_size(t); }},
    Option{"max-body", "1m", value, limits, "Bytes of the request body, over it 413",
           [](Config &c, Text t) { c.limits.body_bytes = parse_size(t); }},
    Option{"head-time", "10s", value, limits,
           "From the first byte of a request to the end of its head",
           [](Config &c, Text t) { c.limits.head_time = parse_duration(t); }},
    Option{"body-time", "30s", value, limits, "From the end of the head to the end of the body",
           [](Config &c, Text t) { c.limits.body_time = parse_duration(t); }},
    Option{"idle-time", "60s", value, limits, "Between the requests of a connection",
           [](Config &c, Text t) { c.limits.idle_time = parse_duration(t); }},
    Option{"stall-time", "30s", value, limits,
           "Without a byte moved, while a body comes or an answer goes",
           [](Config &c, Text t) { c.limits.stall_time = parse_duration(t); }},
    Option{"max-held", "256m", value, limits,
           "Bytes of bodies that clients are slow to send or to read; over it those that have been "
           "still for longest are closed",
           [](Config &c, Text t) { c.limits.held_bytes = parse_size(t); }},
    Option{"max-connections", "10000", value, limits,
           "Client connections of one worker, over it 503",
           [](Config &c, Text t) { c.limits.connections = parse_size(t); }},
    Option{"max-per-address", "0", value, limits,
           "Client connections of one address, over it 503; 0 for no limit",
           [](Config &c, Text t) { c.limits.per_address = parse_size(t); }},
    Option{"queue-length", "1000", value, limits, "Requests that wait for one lane, over it 503",
           [](Config &c, Text t) { c.limits.queue_length = parse_size(t); }},
    Option{"queue-time", "2s", value, limits, "Longest wait for a lane, over it 503",
           [](Config &c, Text t) { c.limits.queue_time = parse_duration(t); }},
    Option{
        "rate", "off", value, limits,
        "Requests for each API key (for each address without one), such as 1620/min; over it 429",
        [](Config &c, Text t) { c.rate = parse_rate(t); }},
    Option{"gzip-level", "1", value, answers,
           "zlib level for clients that accept gzip; 0 for never",
           [](Config &c, Text t) { c.gzip_level = parse_int(t, 0, 9); }},
    Option{"gzip-bytes", "1k", value, answers, "The smallest body that is compressed",
           [](Config &c, Text t) { c.gzip_bytes = parse_size(t); }},
    Option{"docs", "auto", value, answers,
           "The page at /docs: a directory that tools/docs-page made, plain for a list of the "
           "operations, off; auto is docs-page beside the program, "
           "/usr/share/asset-inventory-proxy/docs, or else plain",
           [](Config &c, Text t) { c.docs = t; }},
    Option{
        "cancel-on-fin", "false", flag, answers,
        "Take a client that closes its sending side for gone and cancel its statement; by default "
        "only a reset does, and a half-closed connection is answered",
        [](Config &c, Text t) { c.cancel_on_fin = parse_bool(t); }},
    Option{
        "trust-forwarded", "false", flag, answers,
        "Log the client that the last x-forwarded-for names: a trusted load balancer is in front",
        [](Config &c, Text t) { c.trust_forwarded = parse_bool(t); }},
    Option{"drain", "10s", value, operation, "Time to finish what runs after SIGTERM",
           [](Config &c, Text t) { c.drain = parse_duration(t); }},
    Option{"drain-delay", "0s", value, operation,
           "Time in which /readyz fails already and new connections are still served",
           [](Config &c, Text t) { c.drain_delay = parse_duration(t); }},
    Option{"log-level", "info", value, operation, "debug, info, warn or error; reloaded by SIGHUP",
           [](Config &c, Text t) { c.log_level = parse_level(t); }},
    Option{"log-file", "", value, operation,
           "File for the log instead of standard error; SIGHUP opens it again",
           [](Config &c, Text t) { c.log_file = t; }},
    Option{"no-log-requests", "false", flag, operation, "No line for each request",
           [](Config &c, Text t) { c.log_requests = !parse_bool(t); }},
    Option{"log-redact", "false", flag, operation,
           "Leave the query out of the log; filters can be private",
           [](Config &c, Text t) { c.log_redact = parse_bool(t); }},
};

std::string environment_name(std::string_view option) {
    std::string name(env_prefix);
    for (const char c : option) {
        name += c == '-' ? '_' : static_cast<char>(c - (c >= 'a' && c <= 'z' ? 'a' - 'A' : 0));
    }
    return name;
}

/// A misspelt variable must not be ignored in silence.
void check_environment(const std::map<std::string, bool> &known) {
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string_view line = *entry;
        const auto name = std::string(line.substr(0, line.find('=')));
        if (name.starts_with(env_prefix) && !known.contains(name)) {
            throw Exit{2, "the environment variable " + name + " names no option\n"};
        }
    }
}

constexpr const char *description =
    "asset-inventory-proxy: an HTTP/1.1 server in front of the PostgreSQL extension\n"
    "asset_inventory. Every request becomes one call of inventory.rest.\n";

constexpr const char *manual =
    "Every option can also be given as a line `name = value` in the file of --config, or in the\n"
    "environment as ASSET_INVENTORY_PROXY_NAME. A flag on the command line wins over the\n"
    "environment, the environment over the file. Times are written 250ms, 10s, 2m; sizes 16k, 1m.\n"
    "\n"
    "Signals: SIGTERM and SIGINT drain and leave; SIGHUP reads the configuration again and "
    "applies\n"
    "the limits, the rate and the log level, and opens the log file anew.\n"
    "Exit status: 0 after a drain, 1 when it cannot serve, 2 when the configuration is wrong.\n"
    "\n"
    "Example:\n"
    "  asset-inventory-proxy --listen 127.0.0.1:8080 --admin 127.0.0.1:9090 \\\n"
    "      --database 'host=/run/postgresql dbname=inventory user=inventory_proxy'\n";

} // namespace

Milliseconds parse_duration(const std::string &text) {
    constexpr std::string_view wanted = "a time such as 250ms, 10s, 2m or 1h";
    std::string_view unit;
    const double number = leading_number(text, unit, wanted);
    const double scale = unit == "ms"                  ? 1
                         : unit == "s" || unit.empty() ? 1000
                         : unit == "m"                 ? 60'000
                         : unit == "h"                 ? 3'600'000
                                                       : 0;
    if (scale == 0) {
        reject(text, wanted);
    }
    return Milliseconds(static_cast<Milliseconds::rep>(number * scale));
}

std::size_t parse_size(const std::string &text) {
    constexpr std::string_view wanted = "a size such as 16384, 16k or 1m";
    std::string_view unit;
    const double number = leading_number(text, unit, wanted);
    const double scale = unit.empty() ? 1 : unit == "k" ? 1024 : unit == "m" ? 1024 * 1024 : 0;
    if (scale == 0) {
        reject(text, wanted);
    }
    return static_cast<std::size_t>(number * scale);
}

Rate parse_rate(const std::string &text) {
    constexpr std::string_view wanted = "off or a rate such as 1620/min, 50/s or 10000/h";
    if (text == "off") {
        return {};
    }
    std::string_view unit;
    const double number = leading_number(text, unit, wanted);
    const int seconds = unit == "/s" ? 1 : unit == "/min" ? 60 : unit == "/h" ? 3600 : 0;
    if (seconds == 0 || number < 1) {
        reject(text, wanted);
    }
    return {number, Milliseconds(seconds * 1000)};
}

CommandLine read_command_line(int argc, const char *const *argv) {
    CLI::App app(description, "asset-inventory-proxy");
    app.footer(manual);
    app.set_config("--config", "", "File of options")
        ->envname(environment_name("config"))
        ->check(CLI::ExistingFile);
    app.set_version_flag("--version", "asset-inventory-proxy " PROXY_VERSION);
    app.allow_config_extras(CLI::config_extras_mode::error);
    CommandLine result;
    app.add_flag("--check-config", result.check_only, "Check the configuration and leave")
        ->configurable(false);

    std::array<std::string, table.size()> values;
    std::map<std::string, bool> variables{{environment_name("config"), true}};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Option &row = table[i];
        const std::string name = std::string("--") + row.name;
        const std::string variable = environment_name(row.name);
        variables[variable] = true;
        CLI::Option *option = nullptr;
        if (row.is_flag) {
            values[i] = row.fallback;
            option = app.add_flag(name + "{true}", values[i], row.help);
        } else if (row.fallback != nullptr) {
            values[i] = row.fallback;
            option = app.add_option(name, values[i], row.help)->capture_default_str();
        } else {
            option = app.add_option(name, values[i], row.help)->required();
        }
        option->envname(variable)->group(row.group);
    }
    try {
        app.parse(argc, argv);
        check_environment(variables);
    } catch (const CLI::CallForHelp &) {
        throw Exit{0, app.help()};
    } catch (const CLI::CallForVersion &) {
        throw Exit{0, app.version() + "\n"};
    } catch (const CLI::ParseError &error) {
        throw Exit{2, std::string(error.what()) +
                          "\nasset-inventory-proxy --help explains every option\n"};
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        try {
            table[i].apply(result.config, values[i]);
        } catch (const std::invalid_argument &error) {
            throw Exit{2, std::string("--") + table[i].name + ": " + error.what() + "\n"};
        }
    }
    return result;
}

} // namespace inventory::proxy
