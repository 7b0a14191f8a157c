#include "api/request.hpp"

#include "api/release.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdio>

namespace inventory::api {
namespace {

constexpr int least_limit = 10;
constexpr int greatest_limit = 100;

bool is_cursor(std::string_view name) noexcept {
    return name == "starting_after" || name == "ending_before";
}

void append_parameter(std::string &out, std::string_view name, std::string_view value) {
    out += out.find('?') == std::string::npos ? '?' : '&';
    append_percent_encoded(out, name);
    out += '=';
    append_percent_encoded(out, value);
}

} // namespace

const std::string *Request::parameter(std::string_view name) const noexcept {
    for (const Parameter &it : parameters) {
        if (it.name == name) {
            return &it.value;
        }
    }
    return nullptr;
}

const std::string *Request::header(std::string_view name) const noexcept {
    for (const auto &[key, value] : headers) {
        if (key == name) {
            return &value;
        }
    }
    return nullptr;
}

int read_limit(const Request &request) {
    const std::string *text = request.parameter("limit");
    if (text == nullptr) {
        return least_limit;
    }
    int value = 0;
    bool is_fine = !text->empty();
    for (const char c : *text) {
        is_fine = is_fine && c >= '0' && c <= '9';
        value = is_fine && value <= greatest_limit ? value * 10 + (c - '0') : value;
    }
    if (!is_fine || value < least_limit || value > greatest_limit) {
        throw Error(Code::limit_invalid,
                    "The limit " + quote_for_message(*text) + " is not a number from 10 to 100.",
                    "Send decimal digits only, for example limit=50.")
            .in_parameter("limit");
    }
    return value;
}

std::optional<RequestCursor> read_cursor(const Request &request) {
    const std::string *after = request.parameter("starting_after");
    const std::string *before = request.parameter("ending_before");
    if (after != nullptr && before != nullptr) {
        throw Error(Code::cursor_invalid, "starting_after and ending_before exclude each other.",
                    "Send one of them.")
            .in_parameter("ending_before");
    }
    if (after == nullptr && before == nullptr) {
        return std::nullopt;
    }
    const bool backward = before != nullptr;
    const std::string_view name = backward ? "ending_before" : "starting_after";
    try {
        return RequestCursor{decode_cursor(backward ? *before : *after), backward, name};
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, name);
        throw;
    }
}

std::optional<std::string_view> read_choice(const Request &request, std::string_view name,
                                            std::span<const std::string_view> allowed) {
    const std::string *text = request.parameter(name);
    if (text == nullptr) {
        return std::nullopt;
    }
    std::string list;
    for (const std::string_view word : allowed) {
        if (*text == word) {
            return word;
        }
        list += (list.empty() ? "" : ", ") + std::string(word);
    }
    throw Error(Code::parameter_invalid,
                "The parameter " + std::string(name) + " cannot be " + quote_for_message(*text) +
                    '.',
                "Allowed values are " + list + '.')
        .in_parameter(name);
}

std::optional<std::vector<std::string>> read_asset_types(const Request &request) {
    const std::string *text = request.parameter("asset_types");
    if (text == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> types;
    std::size_t begin = 0;
    while (begin <= text->size()) {
        const std::size_t end = std::min(text->find(',', begin), text->size());
        std::string item = text->substr(begin, end - begin);
        if (!request.catalogue->has_type(item)) {
            std::string list;
            for (const std::string &type : request.catalogue->types) {
                list += (list.empty() ? "" : ", ") + type;
            }
            throw Error(Code::type_unknown,
                        "The asset type " + quote_for_message(item) + " is not registered.",
                        "Asset types are " + list + '.')
                .in_parameter("asset_types");
        }
        types.push_back(std::move(item));
        begin = end + 1;
    }
    return types;
}

std::string_view assets_path(const Request &request) {
    static constexpr std::string_view tail = "/inventory/assets";
    const std::string_view path = request.path;
    return path.substr(0, path.find(tail) + tail.size());
}

std::string asset_link(const Request &request, std::string_view asset_id) {
    std::string out(assets_path(request));
    out += '/';
    out += asset_id;
    out += "?version=";
    out += request.version.empty() ? release_date : std::string_view(request.version);
    return out;
}

std::string self_link(const Request &request) {
    std::string out = request.path;
    for (const Parameter &it : request.parameters) {
        append_parameter(out, it.name, it.value);
    }
    return out;
}

std::string page_link(const Request &request, std::string_view cursor_name,
                      std::string_view cursor) {
    std::string out = request.path;
    for (const Parameter &it : request.parameters) {
        if (!is_cursor(it.name)) {
            append_parameter(out, it.name, it.value);
        }
    }
    if (!cursor_name.empty()) {
        append_parameter(out, cursor_name, cursor);
    }
    return out;
}

std::string entity_tag(std::string_view body) {
    const XXH128_hash_t hash = XXH3_128bits(body.data(), body.size());
    char out[40];
    std::snprintf(out, sizeof out, "\"%016llx%016llx\"",
                  static_cast<unsigned long long>(hash.high64),
                  static_cast<unsigned long long>(hash.low64));
    return out;
}

bool names_tag(std::string_view list, std::string_view tag, TagComparison comparison) {
    std::size_t begin = 0;
    while (begin < list.size()) {
        begin = list.find_first_not_of(" \t,", begin);
        if (begin == std::string_view::npos) {
            return false;
        }
        std::size_t end = list.size();
        const bool is_weak = list.substr(begin, 2) == "W/";
        if (is_weak) {
            begin += 2;
        }
        if (begin < list.size() && list[begin] == '"') {
            end = std::min(list.find('"', begin + 1), list.size() - 1) + 1;
        } else {
            end = std::min(list.find(',', begin), list.size());
        }
        std::string_view item = list.substr(begin, end - begin);
        while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) {
            item.remove_suffix(1);
        }
        if (item == "*" || (item == tag && !(is_weak && comparison == TagComparison::strong))) {
            return true;
        }
        begin = end;
    }
    return false;
}

std::optional<Response> not_modified(const Request &request, const std::string &tag) {
    const std::string *known = request.header("if-none-match");
    return known != nullptr && names_tag(*known, tag)
               ? std::optional(Response{304, "etag: " + tag + '\n', {}})
               : std::nullopt;
}

Response respond_tagged(const Request &request, std::string tag, std::string body) {
    if (auto response = not_modified(request, tag)) {
        return *std::move(response);
    }
    return {200, "etag: " + tag + '\n', std::move(body)};
}

Response respond(const Request &request, std::string body) {
    std::string tag = entity_tag(body);
    return respond_tagged(request, std::move(tag), std::move(body));
}

} // namespace inventory::api
