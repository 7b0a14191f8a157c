#pragma once

#include "proxy/client.hpp"
#include "proxy/request.hpp"
#include "proxy/routes.hpp"

#include <map>
#include <string>
#include <string_view>

namespace inventory::proxy {

/// What `/docs` answers to one request.
struct DocsAnswer {
    int status = 200;
    std::string headers; ///< Lines, each ended by CR LF; content-length is not among them.
    Body body;           ///< May refer to the page, which outlives every client.
};

/// The page for those who read and try the API, at `/docs`, and its files at
/// `/docs/NAME`. They are read once, at the start, so what is served is what was
/// there then and a path never reaches the file system. Without files the page is
/// a plain list of the routes that the database publishes.
///
/// Constant once made: all workers share it.
class DocsPage {
public:
    /// `where` is a directory that holds index.html and what it needs; `plain` for
    /// the list, `off` for no page at all; `auto` for the first directory of these
    /// two that is there, else the list: docs-page beside the program,
    /// /usr/share/asset-inventory-proxy/docs. Throws std::runtime_error when a
    /// directory that was named cannot be served, or one is over the limits.
    DocsPage(const std::string &where, bool compress);

    /// Whether `path`, a target without its query, is the page's.
    bool has(std::string_view path) const noexcept;

    /// Answers a request whose path it has, GET and HEAD alike with the body of GET.
    /// Throws Error for a file that is not there and for other methods.
    DocsAnswer answer(const Request &request, const RouteTable &routes) const;

private:
    struct File {
        std::string type;
        std::string etag;
        std::string bytes;
        std::string gzipped; ///< Empty when that would save nothing.
    };

    void read(const std::string &directory, bool compress);
    DocsAnswer file_answer(const File &file, const Request &request) const;

    bool on_ = true;
    std::map<std::string, File, std::less<>> files_; // none: the plain list
};

} // namespace inventory::proxy
