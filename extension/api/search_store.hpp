#pragma once

#include "api/access.hpp"
#include "api/search_document.hpp"
#include "pg/spi.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory::api {

// The tables inventory.search and inventory.search_result. All must be called
// inside of an Spi.

enum class SearchState { queued, running, done, failed, cancelled };

/// A row of inventory.search.
struct Search {
    Uuid tenant{};
    Uuid id{};
    std::optional<Uuid> seen_in;
    SearchOptions options;
    int capacity = 0; ///< Most assets to keep.
    SearchState state = SearchState::queued;
    std::int64_t found = 0;
    bool is_truncated = false;
    std::string error_code; ///< Of the table of errors, when it failed.
    bool is_own = false;    ///< Made by the current transaction: no worker can see it.
};

/// Sees what is committed now, whenever the transaction began; for as long as it
/// lives. Statements that only read see through it.
class FreshSnapshot {
public:
    FreshSnapshot() { pg::call(&PushActiveSnapshot, pg::call(&GetLatestSnapshot)); }
    ~FreshSnapshot() {
        if (!pg::unwinding()) {
            PopActiveSnapshot();
        }
    }
    FreshSnapshot(const FreshSnapshot &) = delete;
    FreshSnapshot &operator=(const FreshSnapshot &) = delete;
};

/// Queues a search and returns its id. Throws Error(rate_limited) when the tenant
/// has asset_inventory.search_quota live ones; sessions that ask at the same moment
/// may exceed it by their number.
Uuid insert_search(const Access &access, const SearchOptions &options);

/// The search, unless it expired or was made in another scope. Reads through the
/// active snapshot.
std::optional<Search> find_search(const Scope &scope, const Uuid &id);

/// How long the lock on a search is held.
enum class LockLife { transaction, session };

/// Tries to become the one who runs the search. The lock goes with its holder,
/// however that ends, so a search whose runner died can be taken again.
bool lock_search(const Uuid &id, LockLife life);
void unlock_search(const Uuid &id); ///< Of the session.

/// What a search that has been run became; `superseded` when it was cancelled, or
/// done by somebody else, meanwhile.
enum class Outcome { done, failed, superseded };

/// Runs a search whose lock the caller holds, in a subtransaction, and records how
/// it ended: an error makes it failed. A cancelled statement is thrown on when
/// `stops_at_cancel`, for then it was the caller that was cancelled.
Outcome run_search(const Search &search, bool stops_at_cancel);

/// Records a failure. The row stays what it is when the search is over already.
void fail_search(const Search &search, std::string_view code, std::string_view sqlstate);

/// The searches that are neither done nor given up, by turns of their tenants, so
/// that no tenant's queue is in the way of another's. At most 32.
std::vector<Search> queued_searches();

/// Marks a search as running in this process and returns how often that has been
/// done by now; 0 when it is over already.
int begin_search(const Search &search);

} // namespace inventory::api
