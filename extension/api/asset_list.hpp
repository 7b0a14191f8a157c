#pragma once

#include "api/request.hpp"
#include "core/error.hpp"
#include "core/page_query.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace inventory::api {

/// What a list document is made of: operations 2 and 6 share it.
struct ListRequest {
    Selection selection;
    PageRequest page;
    bool wants_data = true;
    bool wants_count = false;
    bool is_ranked = false; ///< By the ranks of the selection's search, under `ranked_sort`.
    std::optional<std::int64_t> known_count; ///< Saves counting.
};

/// Reads `starting_after` and `ending_before` into the page. Throws
/// Error(cursor_invalid) with its parameter.
void read_cursors(const Request &request, PageRequest &page);

/// Reads a filter. Throws Error with `source` when the filter is wrong.
RsqlNode read_filter(const std::string &text, const Catalogue &catalogue, SourceKind kind,
                     std::string_view source);

/// What a sieve read for a page.
struct SieveWork {
    std::size_t lists = 0;   ///< Of the index of keys.
    std::size_t places = 0;  ///< That they left.
    std::size_t entries = 0; ///< Passed in the index of the sort.
    std::size_t rows = 0;
    bool in_clusters = false; ///< Whether a sample of the places said where to walk.
};

/// Which path answered a page; of a sieve with the last places that it read.
struct PageAnswer {
    PagePath path;
    std::vector<Place> places;
    SieveWork work;
};

/// Runs the page of a list to see what answers it (for explain_filter).
PageAnswer page_answer(const Request &request, const ListRequest &list);

/// Runs a list and renders its document: `data`, `links`, `meta`.
/// `meta_extra` are further members of `meta`, as JSON, or empty.
std::string list_document(const Request &request, const ListRequest &list,
                          std::string_view meta_extra = {});

} // namespace inventory::api
