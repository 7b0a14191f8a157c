#pragma once

#include "core/catalogue.hpp"

#include <optional>
#include <string>

namespace inventory::api {

/// What a client asks a search for (contract.md §7).
struct SearchOptions {
    std::optional<std::string> filter;
    std::string sort; ///< As written, or the default.
    int limit = 10;   ///< Of a page of results.
    std::optional<std::string> meta_count;
};

/// Reads the body of operation 5; an absent or empty one asks for everything. Each
/// attribute is checked as the parameter of a list is. Throws Error with a pointer
/// into the body.
SearchOptions read_search_document(const std::optional<std::string> &body,
                                   const Catalogue &catalogue);

} // namespace inventory::api
