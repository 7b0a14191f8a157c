#pragma once

#include "proxy/exchange.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace inventory::proxy {

/// Which lane a request takes: by its method, unless the database has named
/// another for its route. The proxy knows no route by itself.
class RouteTable {
public:
    /// Forgets all routes.
    void clear() {
        names_.clear();
        routes_.clear();
    }
    /// `template_path` as `/orgs/{org_id}/inventory/assets`; a leading `/rest` of a
    /// request is ignored. `lanes` are choices with blanks between them, each a lane (read,
    /// write, slow, heavy; others are left out) or `lane:name&name`, a lane for requests
    /// that have these query parameters; the first that fits is taken.
    void add(std::string_view method, std::string_view template_path, std::string_view lanes);

    /// HEAD goes as GET.
    LaneId lane_of(std::string_view method, std::string_view target) const;

    /// A route as the database spells it.
    struct Name {
        std::string method;
        std::string path;
    };
    /// All of them, as they were added.
    const std::vector<Name> &names() const noexcept { return names_; }

private:
    struct Route {
        std::string method;
        std::vector<std::string> segments;   ///< Empty: any value.
        std::vector<std::string> parameters; ///< Those that a request must have.
        LaneId lane;
    };

    std::vector<Name> names_;
    std::vector<Route> routes_; // only those that the method alone does not tell
};

} // namespace inventory::proxy
