#include "proxy/routes.hpp"

#include "proxy/lane.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace inventory::proxy {
namespace {

LaneId lane_of_method(std::string_view method) {
    return method == "GET" || method == "HEAD" ? LaneId::read : LaneId::write;
}

std::optional<LaneId> lane_named(std::string_view name) {
    static constexpr std::array known{LaneId::read, LaneId::write, LaneId::slow, LaneId::heavy};
    const auto found =
        std::find_if(known.begin(), known.end(), [&](LaneId id) { return name_of(id) == name; });
    return found == known.end() ? std::nullopt : std::optional(*found);
}

/// Takes what stands before `separator` off the text, and the separator.
std::string_view next_part(std::string_view &text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
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

bool has_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        auto parameter = next_part(query, '&');
        if (next_part(parameter, '=') == name) {
            return true;
        }
    }
    return false;
}

} // namespace

void RouteTable::add(std::string_view method, std::string_view template_path,
                     std::string_view lanes) {
    names_.push_back({std::string(method), std::string(template_path)});
    if (!template_path.starts_with('/')) {
        return;
    }
    std::vector<std::string> segments;
    for (auto rest = without_rest(template_path); !rest.empty();) {
        const auto segment = next_segment(rest);
        segments.emplace_back(segment.starts_with('{') ? std::string_view() : segment);
    }
    while (!lanes.empty()) {
        auto parameters = next_part(lanes, ' ');
        const auto lane = lane_named(next_part(parameters, ':'));
        if (!lane || (parameters.empty() && *lane == lane_of_method(method))) {
            continue;
        }
        Route route{std::string(method), segments, {}, *lane};
        while (!parameters.empty()) {
            route.parameters.emplace_back(next_part(parameters, '&'));
        }
        routes_.push_back(std::move(route));
    }
}

LaneId RouteTable::lane_of(std::string_view method, std::string_view target) const {
    const auto lane = lane_of_method(method);
    if (!target.starts_with('/')) {
        return lane;
    }
    if (method == "HEAD") {
        method = "GET";
    }
    auto query = target;
    const auto path = without_rest(next_part(query, '?'));
    // Most requests are of a route with other segments: counting them is cheaper than reading.
    const auto count = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
    for (const Route &route : routes_) {
        const auto is_given = [&](const auto &name) { return has_parameter(query, name); };
        if (route.segments.size() == count && route.method == method &&
            std::all_of(route.parameters.begin(), route.parameters.end(), is_given) &&
            is_match(route.segments, path)) {
            return route.lane;
        }
    }
    return lane;
}

} // namespace inventory::proxy
