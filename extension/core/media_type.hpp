#pragma once

#include <string_view>

namespace inventory {

/// Whether an `accept` header (absent: empty) lets application/vnd.api+json be
/// sent (contract.md §2, JSON:API 1.1 content negotiation, RFC 9110 §12.5.1):
/// `*/*`, `application/*`, application/json, or application/vnd.api+json without
/// parameters other than `profile`, with a q above 0. A header that does not
/// parse serves nothing it names. The most specific range decides a q of 0.
bool accepts_json_api(std::string_view accept);

/// Whether a `content-type` is one that bodies may have: application/json (any
/// parameters, charset included only as utf-8), or application/vnd.api+json with
/// no parameter other than `profile` (an `ext` is not supported). Case-insensitive;
/// quoted parameter values are read.
bool is_body_type(std::string_view content_type);

} // namespace inventory
