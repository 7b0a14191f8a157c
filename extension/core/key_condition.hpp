#pragma once

#include "core/asset_keys.hpp"
#include "core/binder.hpp"
#include "core/catalogue.hpp"
#include "core/rsql_tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// A condition over the keys of assets (core/asset_keys.hpp): it holds of all that a filter
/// holds of, and perhaps of more. It stands beside the filter's own condition, never inside
/// of it: so the index answers it and no row pays for computing its keys.
struct KeyCondition {
    std::string sql; ///< Empty when no key finds all of them.
    /// Whether only assets in the scope have the keys.
    bool covers_scope = false;
};

/// Writes such conditions, in the assets of one tenant.
class KeyConditions {
public:
    /// `tenant` is SQL for the id.
    KeyConditions(const Uuid &id, std::string tenant, Binder &binder)
        : id_(id), tenant_(std::move(tenant)), binder_(binder) {}

    /// From now on only those seen in a group or org; `seen_in` is SQL for its id.
    void narrow(const Uuid &id, std::string seen_in);

    /// Of those in the scope, if there is one.
    KeyCondition of_scope();
    /// Of those in the scope that a filter holds of. The filter is one that write_condition
    /// accepts.
    KeyCondition of_filter(const RsqlNode &filter, const Catalogue &catalogue);

private:
    KeyCondition of_comparison(const RsqlNode &node, const Catalogue &catalogue);
    KeyCondition of_term(std::string_view term);
    KeyCondition of_members(MemberColumn column, const std::vector<RsqlValue> &values);
    KeyCondition of_pairs(MemberColumn column, std::string_view key, const RsqlNode &node);
    KeyCondition any(std::vector<AssetKey> keys);

    Uuid id_;
    std::string tenant_;
    Binder &binder_;
    std::optional<Uuid> scope_;
    std::string seen_in_ = "null";
};

/// Whether no comparison of the filter has another index than that of the keys.
bool compares_only_keys(const RsqlNode &filter, const Catalogue &catalogue);

} // namespace inventory
