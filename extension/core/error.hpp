#pragma once

#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace inventory {

/// Every way a request can fail. The table behind `describe` gives each its
/// stable name, HTTP status, SQLSTATE and title; a name is never reused.
enum class Code {
    invalid_target,
    invalid_header,
    invalid_http,
    parameter_unknown,
    parameter_repeated,
    parameter_invalid,
    version_invalid,
    version_required,
    filter_syntax,
    filter_field,
    filter_operator,
    filter_value,
    filter_too_large,
    sort_invalid,
    limit_invalid,
    cursor_invalid,
    fields_invalid,
    type_unknown,
    body_syntax,
    body_invalid,
    unauthenticated,
    forbidden,
    route_unknown,
    version_unknown,
    scope_unknown,
    asset_unknown,
    search_unknown,
    group_unknown,
    filter_unknown,
    method_not_allowed,
    not_acceptable,
    request_timeout,
    identity_conflict,
    precondition_failed,
    body_too_large,
    target_too_long,
    media_type_unsupported,
    expectation_failed,
    idempotency_conflict,
    rate_limited,
    headers_too_large,
    internal,
    search_failed,
    not_implemented,
    http_version_unsupported,
    busy,
    unavailable,
    search_pending,
    deadline,
    schema_outdated,
};

/// One row of the error table.
struct CodeInfo {
    Code code;
    const char *name;     ///< JSON:API `code`; kebab-case, stable.
    int status;           ///< HTTP status.
    const char *sqlstate; ///< What SQL callers see.
    const char *title;    ///< JSON:API `title`: the same for every occurrence.
    const char *help;     ///< When it happens and what to do; for the reference.
};

/// The row of `code`.
const CodeInfo &describe(Code code) noexcept;

/// The whole table, in the order of `Code`; documentation and OpenAPI read it.
std::span<const CodeInfo> all_codes() noexcept;

/// What of the request was wrong (JSON:API `source`).
enum class SourceKind { none, parameter, pointer, header };

/// A failure that the caller can act on. `rest` turns it into an error document
/// (contract.md §10), an SQL function into ereport(ERROR) with SQLSTATE, DETAIL
/// and HINT. `detail` is one sentence: what is wrong, and where; `hint` what
/// would be right. Neither may hold SQL, a path, or unclipped user text.
class Error : public std::exception {
public:
    Error(Code code, std::string detail, std::string hint = {})
        : code_(code), detail_(std::move(detail)), hint_(std::move(hint)) {}

    /// Names the query parameter that is at fault.
    Error &&in_parameter(std::string_view name) && {
        return std::move(*this).at(SourceKind::parameter, name);
    }
    /// Names the member of the body that is at fault, as a JSON Pointer (RFC 6901).
    Error &&in_pointer(std::string_view pointer) && {
        return std::move(*this).at(SourceKind::pointer, pointer);
    }
    /// Names the request header that is at fault, in lower case.
    Error &&in_header(std::string_view name) && {
        return std::move(*this).at(SourceKind::header, name);
    }
    /// The same for an error on its way through; keeps a source that is set.
    void set_source(SourceKind kind, std::string_view name) {
        if (source_kind_ == SourceKind::none) {
            source_kind_ = kind;
            source_ = name;
        }
    }

    Code code() const noexcept { return code_; }
    const std::string &detail() const noexcept { return detail_; }
    const std::string &hint() const noexcept { return hint_; }
    SourceKind source_kind() const noexcept { return source_kind_; }
    const std::string &source() const noexcept { return source_; }
    const char *what() const noexcept override { return detail_.c_str(); }

private:
    Error &&at(SourceKind kind, std::string_view name) && {
        set_source(kind, name);
        return std::move(*this);
    }

    Code code_;
    std::string detail_;
    std::string hint_;
    SourceKind source_kind_ = SourceKind::none;
    std::string source_;
};

} // namespace inventory
