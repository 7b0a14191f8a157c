#pragma once

#include "api/access.hpp"
#include "core/catalogue.hpp"
#include "core/target.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inventory::api {

/// An answer, before the headers that all answers have.
struct Response {
    int status = 200;
    std::string headers; ///< Lines `name: value`, each closed by LF.
    std::string body;
};

/// A request that has been routed, authenticated and authorised: all that an
/// operation may look at. SQL functions make one too, so that both ways in share
/// one implementation.
struct Request {
    std::string path;                     ///< As spelled, without the query; links repeat it.
    std::vector<std::string> path_values; ///< Ids in the path after the scope's.
    std::vector<Parameter> parameters; ///< In order; each of a name that the operation takes, once.
    std::vector<std::pair<std::string, std::string>> headers; ///< Names in lower case.
    std::optional<std::string> body;
    std::string version = {}; ///< The date asked for; empty when absent.
    std::string request_id;
    Access access;
    std::shared_ptr<const Catalogue> catalogue;

    const Scope &scope() const { return *access.scope; }
    const std::string *parameter(std::string_view name) const noexcept;
    const std::string *header(std::string_view name) const noexcept;
};

/// `limit` (contract.md §5): 10..100, default 10. Throws Error(limit_invalid).
int read_limit(const Request &request);

/// The one cursor of a request: the payload, and whether the page ends before it.
struct RequestCursor {
    std::string payload;
    bool backward = false;
    std::string_view parameter; ///< `starting_after` or `ending_before`.
};

/// Reads `starting_after` or `ending_before`; nothing when both are absent. Throws
/// Error(cursor_invalid) for both at once and for what is no cursor.
std::optional<RequestCursor> read_cursor(const Request &request);

/// A parameter that is one of a few words, or nothing when absent.
/// Throws Error(parameter_invalid) naming the allowed ones.
std::optional<std::string_view> read_choice(const Request &request, std::string_view name,
                                            std::span<const std::string_view> allowed);

/// `asset_types`: the types, or nothing when absent. Throws Error(type_unknown).
std::optional<std::vector<std::string>> read_asset_types(const Request &request);

/// The path up to and with `/inventory/assets`.
std::string_view assets_path(const Request &request);

/// The link to an asset in the request's scope.
std::string asset_link(const Request &request, std::string_view asset_id);

/// The request's own path with every parameter, percent-encoded. With a cursor
/// (name and text) it takes the place of the request's; with an empty name there
/// is none: the first page.
std::string self_link(const Request &request);
std::string page_link(const Request &request, std::string_view cursor_name = {},
                      std::string_view cursor = {});

/// A 200 with the validator of its body; `if-none-match` turns it into a 304.
Response respond(const Request &request, std::string body);

/// The same with a validator that was known before the body.
Response respond_tagged(const Request &request, std::string tag, std::string body);

/// The 304 that a validator deserves, or nothing when the client does not know it.
std::optional<Response> not_modified(const Request &request, const std::string &tag);

/// The strong entity tag of a representation (RFC 9110 §8.8.3), quotes included.
std::string entity_tag(std::string_view body);

/// How entity tags compare (RFC 9110 §8.8.3.2): `if-match` never takes a weak one.
enum class TagComparison { weak, strong };

/// Whether a list of entity tags (`if-match`, `if-none-match`) names `tag`.
bool names_tag(std::string_view list, std::string_view tag,
               TagComparison comparison = TagComparison::weak);

} // namespace inventory::api
