#pragma once

#include "core/asset_keys.hpp"
#include "core/binder.hpp"
#include "core/catalogue.hpp"
#include "core/rsql_tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace inventory {

/// Writes conditions over the keys of assets (core/asset_keys.hpp), so that their index
/// finds what other conditions then compare: all that those hold of, and perhaps more.
class KeyConditions {
public:
    /// In the assets of one tenant; `tenant` is SQL for its id.
    KeyConditions(const Uuid &id, std::string tenant, Binder &binder)
        : id_(id), tenant_(std::move(tenant)), binder_(binder) {}

    /// Holds of the assets of the tenant. `alone`: the keys find all that matches, and nothing
    /// else that is asked has an index. Then it is written so that no index takes it: the
    /// planner would read all of the tenant by another index and meet both, for it does not
    /// know that each key names the tenant.
    std::string of_tenant(bool alone) const;

    /// What was written last: whether keys find all that it holds of.
    void finds(bool all) noexcept { finds_ = all; }
    bool finds() const noexcept { return finds_; }

    /// From now on only those seen in a group or org; `seen_in` is SQL for its id.
    void narrow(const Uuid &id, std::string seen_in);
    /// Holds of those seen in the group or org.
    std::string in_scope();

    /// Holds of those in the scope that a search for `term` finds; empty when the term is
    /// too short to have keys. `folded` is SQL for the term in lower case.
    std::string of_term(std::string_view term, std::string_view folded);

    /// Holds of those with one of the values: elements of an array, or keys of an object.
    std::string of_members(MemberColumn column, const std::vector<RsqlValue> &values);
    /// Holds of those where the key of an object has one of the values.
    std::string of_pairs(MemberColumn column, std::string_view key,
                         const std::vector<RsqlValue> &values);

private:
    std::string any(std::vector<AssetKey> keys);

    Uuid id_;
    std::string tenant_;
    Binder &binder_;
    std::optional<Uuid> scope_;
    std::string seen_in_ = "null";
    bool finds_ = false;
};

/// The column whose members are keys, by the SQL that reads it.
std::optional<MemberColumn> member_column(std::string_view source) noexcept;

/// Whether no comparison of the filter has another index than that of the keys.
bool compares_only_keys(const RsqlNode &filter, const Catalogue &catalogue);

/// Whether what matches the filter is found by the keys of a term, and the scope's with
/// them.
bool is_found_by_term(const RsqlNode &filter, const Catalogue &catalogue);

} // namespace inventory
