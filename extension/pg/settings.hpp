#pragma once

namespace inventory::pg::settings {

// The settings of docs/reference, as the server keeps them.
extern bool require_version;
extern int search_wait;     ///< Milliseconds a reader waits for a search.
extern int search_ttl;      ///< Seconds a search can be read.
extern int search_limit;    ///< Most assets that a search keeps.
extern int search_quota;    ///< Most live searches of a tenant.
extern int search_workers;  ///< Workers of one database.
extern int request_timeout; ///< Milliseconds; 0 is none.
extern int plan_cache_size; ///< Plans kept by a session.
extern int walk_rows;       ///< Rows that the first phase of a page reads.
extern bool sieve;          ///< Whether pages may be found by the places of keys.
extern bool facets;         ///< Whether the facet dictionary answers.
extern int idempotency_ttl; ///< Seconds an idempotency key is remembered.
extern int audit_retention; ///< Seconds a change of an asset is kept; 0 is for ever.
extern int nice;            ///< Niceness of a process that has answered a request.

/// Defines them; called once, when the library is loaded.
void define();

} // namespace inventory::pg::settings
