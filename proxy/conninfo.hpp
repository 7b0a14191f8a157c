#pragma once

#include "proxy/config.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace inventory::proxy {

/// How connections of one lane are made.
struct ConnectionOptions {
    std::string conninfo;
    bool prepare = true;
    int depth = 1;
    Milliseconds deadline{};
    Milliseconds connect_time{};
    Milliseconds reconnect_max{};
    Milliseconds check_interval{};
    int nice = 0;
};

/// Throws std::invalid_argument, with what is wrong, for a malformed connection string.
void check_conninfo(const std::string &conninfo);

/// The operator's connection string with our settings added to it, as
/// PQconnectStartParams takes it.
class ConnectionParameters {
public:
    /// Throws as `check_conninfo`.
    explicit ConnectionParameters(const ConnectionOptions &options);

    const char *const *keys() const noexcept { return keys_.data(); }
    const char *const *values() const noexcept { return values_.data(); }

private:
    void add(std::string key, std::string text);

    std::deque<std::pair<std::string, std::string>> pairs_;
    std::vector<const char *> keys_;
    std::vector<const char *> values_;
};

} // namespace inventory::proxy
