#include "proxy/docs_page.hpp"

#include "core/error.hpp"
#include "proxy/gzip.hpp"
#include "proxy/response.hpp"
#include "proxy/secret.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

namespace inventory::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view root = "/docs";
constexpr const char *index_file = "index.html";
constexpr const char *packaged = "/usr/share/asset-inventory-proxy/docs";

/// A directory given by mistake must not fill the memory.
constexpr std::size_t file_limit = 64;
constexpr std::uintmax_t byte_limit = 16 * 1024 * 1024;

/// Nothing comes from elsewhere and nothing goes there. The viewer draws its
/// symbols from data: URLs.
constexpr std::string_view viewer_policy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action "
    "'self'; frame-ancestors 'none'";
constexpr std::string_view plain_policy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view html = "text/html; charset=utf-8";

/// The media type of a file, by the end of its name.
std::string_view type_of(const fs::path &name) {
    using Type = std::pair<std::string_view, std::string_view>;
    static constexpr std::array types{
        Type{".html", html},
        Type{".css", "text/css; charset=utf-8"},
        Type{".js", "text/javascript; charset=utf-8"},
        Type{".json", "application/json"},
        Type{".txt", "text/plain; charset=utf-8"},
        Type{".svg", "image/svg+xml"},
        Type{".png", "image/png"},
        Type{".ico", "image/x-icon"},
        Type{".woff2", "font/woff2"},
    };
    const auto extension = name.extension().string();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const Type &type) { return type.first == extension; });
    return found == types.end() ? "application/octet-stream" : found->second;
}

std::string etag_of(std::string_view bytes) {
    // Weak, for the compressed bytes have the same (RFC 9110 §8.8.1).
    return "W/\"" + sha256_hex(bytes).substr(0, 32) + '"';
}

std::string read_file(const fs::path &path) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return bytes;
}

/// The directory that `auto` stands for, if it is there.
std::optional<std::string> usual_directory() {
    std::error_code none;
    const auto program = fs::read_symlink("/proc/self/exe", none);
    for (const fs::path &directory : {program.parent_path() / "docs-page", fs::path(packaged)}) {
        if (fs::is_regular_file(directory / index_file, none)) {
            return directory.string();
        }
    }
    return std::nullopt;
}

/// Whether `if-none-match` names the tag or any (RFC 9110 §13.1.2).
bool is_known(const Request &request, std::string_view etag) {
    constexpr std::string_view name = "\nif-none-match: ";
    const auto at = request.headers.find(name);
    if (at == std::string::npos) {
        return false;
    }
    auto tags = std::string_view(request.headers).substr(at + name.size());
    tags = tags.substr(0, tags.find('\n'));
    return tags == "*" || tags.find(etag.substr(2)) != std::string_view::npos;
}

void append_escaped(std::string &out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '/':
            out += "<wbr>/"; // a narrow screen breaks long paths here
            break;
        default:
            out += c;
        }
    }
}

/// A version of the API that is served whatever the releases are: today.
std::string today() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[16];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

std::string plain_page(const RouteTable &routes) {
    std::string out =
        R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>API</title>
<h1>API</h1>
<p>What every operation takes and answers is in <a href="openapi/)" +
        today() +
        R"(">the OpenAPI document</a>; <a href="openapi">openapi</a> lists its versions.
<p>A request carries its key: <code>Authorization: Token &lt;key&gt;</code>
<h2>Operations</h2>
)";
    auto names = routes.names();
    if (names.empty()) {
        return out + "<p>They are listed here once the database has been reached.\n";
    }
    std::sort(names.begin(), names.end(), [](const auto &a, const auto &b) {
        return std::tie(a.path, a.method) < std::tie(b.path, b.method);
    });
    out += "<ul>\n";
    for (const auto &name : names) {
        out += "<li><code>";
        append_escaped(out, name.method);
        out += ' ';
        append_escaped(out, name.path);
        out += "</code>\n";
    }
    return out + "</ul>\n";
}

/// All headers but those of content and caching, which a redirection has too.
std::string common_headers(std::string_view policy) {
    std::string out;
    append_header(out, "content-security-policy", policy);
    append_header(out, "x-content-type-options", "nosniff");
    append_header(out, "referrer-policy", "no-referrer");
    append_header(out, "vary", "accept-encoding");
    return out;
}

} // namespace

DocsPage::DocsPage(const std::string &where, bool compress) : on_(where != "off") {
    if (where == "auto") {
        if (const auto directory = usual_directory()) {
            read(*directory, compress);
        }
    } else if (on_ && where != "plain") {
        read(where, compress);
    }
}

void DocsPage::read(const std::string &directory, bool compress) {
    const auto refuse = [&](const std::string &why) {
        throw std::runtime_error("--docs " + directory + ": " + why);
    };
    if (!fs::is_regular_file(fs::path(directory) / index_file)) {
        refuse("there is no index.html; give a directory that tools/docs-page made, "
               "or plain, or off");
    }
    std::uintmax_t total = 0;
    for (const fs::directory_entry &entry : fs::directory_iterator(directory)) {
        if (!entry.is_regular_file()) {
            continue;
        }
        total += entry.file_size();
        if (total > byte_limit || files_.size() == file_limit) {
            refuse("more than 64 files or 16 MiB");
        }
        File file{std::string(type_of(entry.path())), {}, read_file(entry.path()), {}};
        file.etag = etag_of(file.bytes);
        if (compress) {
            file.gzipped = Gzip(9).compress(file.bytes);
            if (file.gzipped.size() >= file.bytes.size()) {
                file.gzipped.clear();
            }
        }
        files_.emplace(entry.path().filename().string(), std::move(file));
    }
}

bool DocsPage::has(std::string_view path) const noexcept {
    return on_ && path.starts_with(root) &&
           (path.size() == root.size() || path[root.size()] == '/');
}

DocsAnswer DocsPage::answer(const Request &request, const RouteTable &routes) const {
    if (!request.is_safe()) {
        throw Error(Code::method_not_allowed, "The documentation is only read, by GET or HEAD.");
    }
    const auto path = request.path();
    if (path == root) {
        if (const auto page = files_.find(index_file); page != files_.end()) {
            return file_answer(page->second, request);
        }
        File page{std::string(html), {}, plain_page(routes), {}};
        page.etag = etag_of(page.bytes);
        auto answer = file_answer(page, request);
        answer.body.bytes = {};
        answer.body.text = answer.status == 200 ? std::move(page.bytes) : std::string();
        return answer;
    }
    const auto name = path.substr(root.size() + 1);
    if (name.empty() || name == index_file) {
        // The page's links are relative to /docs, also behind a proxy that adds a prefix.
        DocsAnswer answer{308, common_headers(plain_policy), {}};
        append_header(answer.headers, "location", "../docs");
        return answer;
    }
    const auto file = files_.find(name);
    if (file == files_.end()) {
        throw Error(Code::route_unknown, "The documentation has no such file.",
                    "Its page is /docs.");
    }
    return file_answer(file->second, request);
}

DocsAnswer DocsPage::file_answer(const File &file, const Request &request) const {
    DocsAnswer answer{200, common_headers(files_.empty() ? plain_policy : viewer_policy), {}};
    append_header(answer.headers, "etag", file.etag);
    // The names of the files say nothing of their version: always ask, mostly 304.
    append_header(answer.headers, "cache-control", "no-cache");
    if (is_known(request, file.etag)) {
        answer.status = 304;
        return answer;
    }
    append_header(answer.headers, "content-type", file.type);
    answer.body.bytes = file.bytes;
    if (request.accepts_gzip && !file.gzipped.empty()) {
        append_header(answer.headers, "content-encoding", "gzip");
        answer.body.bytes = file.gzipped;
    }
    return answer;
}

} // namespace inventory::proxy
