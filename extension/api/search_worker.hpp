#pragma once

namespace inventory::api {

// The search worker: a background process of one database that the extension
// starts when there is something to do and that ends a few idle seconds later. No
// shared_preload_libraries, no shared memory: advisory locks say who works, and go
// with whoever held them. It also runs the upkeep functions of the inventory.

/// Once the current transaction has committed, wakes the worker of this database or
/// starts one. Nothing happens when it aborts or when
/// asset_inventory.search_workers is 0. Must be called inside of an Spi.
void want_worker();

/// The same for whoever wrote assets or met what others wrote, at most once a second in a
/// session: the worker compacts the facets. A standby leaves that to its primary.
void want_upkeep();

/// What `summon_worker` found.
enum class Summons {
    present, ///< There is a worker; it was woken.
    started, ///< The server was asked to start one.
    refused, ///< No worker may run, or no slot (max_worker_processes) is free.
};

/// The same at once, for what is committed already.
Summons summon_worker();

} // namespace inventory::api
