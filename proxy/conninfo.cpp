#include "proxy/conninfo.hpp"

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string_view>

namespace inventory::proxy {

namespace {

using Parsed = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption *)>;

Parsed parse(const std::string &conninfo) {
    char *error = nullptr;
    Parsed parsed(PQconninfoParse(conninfo.c_str(), &error), PQconninfoFree);
    if (parsed == nullptr) {
        const std::string text = error == nullptr ? "no memory" : error;
        PQfreemem(error);
        throw std::invalid_argument(text.substr(0, text.find('\n')));
    }
    return parsed;
}

} // namespace

void check_conninfo(const std::string &conninfo) {
    parse(conninfo);
}

ConnectionParameters::ConnectionParameters(const ConnectionOptions &options) {
    const auto parsed = parse(options.conninfo);
    std::string session;
    for (const auto *option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) {
            continue;
        }
        if (std::string_view(option->keyword) == "options") {
            session = option->val;
        } else {
            add(option->keyword, option->val);
        }
    }
    add("fallback_application_name", "asset-inventory-proxy");
    add("client_encoding", "UTF8");
    if (options.prepare) {
        // pgbouncer refuses startup options, and has none of its own to set.
        session += " -c statement_timeout=" + std::to_string(options.deadline.count());
        session += " -c client_connection_check_interval=" +
                   std::to_string(options.check_interval.count());
        if (options.nice > 0) {
            session += " -c asset_inventory.nice=" + std::to_string(options.nice);
        }
    }
    if (!session.empty()) {
        add("options", session);
    }
    for (const auto &[key, text] : pairs_) {
        keys_.push_back(key.c_str());
        values_.push_back(text.c_str());
    }
    keys_.push_back(nullptr);
    values_.push_back(nullptr);
}

void ConnectionParameters::add(std::string key, std::string text) {
    pairs_.emplace_back(std::move(key), std::move(text));
}

} // namespace inventory::proxy
