#pragma once

#include "loader/format.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace inventory::loader {

/// What the command line asks for.
struct Options {
    std::vector<std::string> inputs; ///< Paths; "-" is standard input.
    std::string database;            ///< libpq connection string or URI.
    std::string scope;               ///< As in the URL: orgs/<uuid>.
    std::optional<Format> format;    ///< Absent: told from the input.
    std::string image;               ///< Names OCI documents that do not name themselves.
    std::string resume;              ///< The state file; empty for none.
    std::string rejects;             ///< Where rejected documents go; empty for none.
    std::size_t chunk = 0;           ///< Documents a transaction.
    bool quiet = false;
    bool progress = false; ///< Shown although standard error is no terminal.
};

/// Thrown when the process should leave: after --help (code 0), or with what is
/// wrong in the command line (code 2).
struct Exit {
    int code;
    std::string text;
};

/// Reads the command line, and DATABASE and SCOPE of the environment where their
/// options are not given. Throws Exit.
Options read_options(int argc, const char *const *argv);

} // namespace inventory::loader
