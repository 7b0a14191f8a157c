#include "proxy/routes.hpp"

#include <algorithm>

namespace inventory::proxy {
namespace {

LaneId lane_of_method(std::string_view method) {
    return method == "GET" || method == "HEAD" ? LaneId::read : LaneId::write;
}

/// Takes the first segment off a path that begins with a slash.
std::string_view next_segment(std::string_view &path) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

std::string_view without_rest(std::string_view path) {
    return path.starts_with("/rest/") ? path.substr(5) : path;
}

bool is_match(const std::vector<std::string> &segments, std::string_view path) {
    for (const auto &wanted : segments) {
        if (path.empty()) {
            return false;
        }
        const auto segment = next_segment(path);
        if (!wanted.empty() && segment != wanted) {
            return false;
        }
    }
    return path.empty();
}

} // namespace

void RouteTable::add(std::string_view method, std::string_view template_path,
                     std::string_view lane) {
    names_.push_back({std::string(method), std::string(template_path)});
    const auto id = lane == "read"    ? LaneId::read
                    : lane == "write" ? LaneId::write
                    : lane == "slow"  ? LaneId::slow
                                      : LaneId::replica;
    if (id == LaneId::replica || id == lane_of_method(method) || !template_path.starts_with('/')) {
        return;
    }
    Route route{std::string(method), {}, id};
    for (auto rest = without_rest(template_path); !rest.empty();) {
        const auto segment = next_segment(rest);
        route.segments.emplace_back(segment.starts_with('{') ? std::string_view() : segment);
    }
    routes_.push_back(std::move(route));
}

LaneId RouteTable::lane_of(std::string_view method, std::string_view path) const {
    const auto lane = lane_of_method(method);
    if (!path.starts_with('/')) {
        return lane;
    }
    if (method == "HEAD") {
        method = "GET";
    }
    path = without_rest(path);
    for (const Route &route : routes_) {
        if (route.method == method && is_match(route.segments, path)) {
            return route.lane;
        }
    }
    return lane;
}

} // namespace inventory::proxy
