#pragma once

#include "api/asset_list.hpp"

namespace inventory::api {

// How far to walk along the index of the sort for the rows of a page before the indexes of
// the condition look up all that match (techniques 4.3). Nobody knows how many match. After
// W rows that do not fill a page of L some N L / W of the tenant's N may, and looking those
// up costs a third as much a row as walking where they lie together: the two are even near
// W = sqrt(N L / 3). So what is chosen costs at most about twice the better of the two.

/// The assets of the tenant, as the planner would estimate them; 0 when it knows nothing.
double planned_assets(const Uuid &tenant);

/// How many rows the first walk of a list may read; 0 when it does not pay. A power of
/// two, or the setting, so that few plans are kept.
int first_walk(const ListRequest &list);

/// The same where the sieve may follow, which costs no more than to walk past a few hundred
/// rows: only a page that lies in them is found sooner without it.
int short_walk(const ListRequest &list);

/// How many rows a second walk may read, after one that found only some rows of the page:
/// what it found tells how far the others are, if they lie evenly, and how many the
/// indexes would look up. 0 when those are fewer.
int second_walk(const ListRequest &list, int rows, std::size_t found);

/// About how long a walk of so many rows takes, in microseconds.
double walk_cost(int rows);

} // namespace inventory::api
