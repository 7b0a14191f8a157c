#pragma once

#include "api/search_store.hpp"

#include <string>

namespace inventory::api {

/// The search when it is done. Waits for it, at most asset_inventory.search_wait;
/// starts the worker when there is none; and where there can be none, runs the
/// search in the caller's own transaction. Throws Error(search_unknown) when it is
/// not there, expired, cancelled or of another scope, Error(search_failed),
/// Error(search_pending). Must be called inside of an Spi.
Search await_search(const Scope &scope, const std::string &id);

/// Runs what is queued in the caller's own transaction; returns how many.
int run_queue();

} // namespace inventory::api
