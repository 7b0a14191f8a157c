#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory::loader {

/// What an input holds; inventory.import_documents() knows the same names.
enum class Format { docker, skopeo, oci, syft, trivy, csv, jsonl };

std::string_view format_name(Format format) noexcept;
std::vector<std::string> format_names();
std::optional<Format> parse_format(std::string_view name) noexcept;

/// The format whose documents begin like this: what does not begin as JSON is CSV,
/// and JSON is known by the members of its first object. Nothing when none fits.
std::optional<Format> detect_format(std::string_view beginning);

} // namespace inventory::loader
