#include "loader/format.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace inventory::loader {
namespace {

constexpr std::array names{
    std::pair{Format::docker, std::string_view("docker")},
    std::pair{Format::skopeo, std::string_view("skopeo")},
    std::pair{Format::oci, std::string_view("oci")},
    std::pair{Format::syft, std::string_view("syft")},
    std::pair{Format::trivy, std::string_view("trivy")},
    std::pair{Format::csv, std::string_view("csv")},
    std::pair{Format::jsonl, std::string_view("jsonl")},
};

struct Sign {
    std::string_view member;
    Format format;
};

// In this order: podman's images have an Id and a Digest.
constexpr std::array signs{
    Sign{"Id", Format::docker},          Sign{"ArtifactName", Format::trivy},
    Sign{"ArtifactType", Format::trivy}, Sign{"Digest", Format::skopeo},
    Sign{"artifacts", Format::syft},     Sign{"source", Format::syft},
    Sign{"schemaVersion", Format::oci},  Sign{"manifests", Format::oci},
    Sign{"rootfs", Format::oci},         Sign{"registry", Format::jsonl},
    Sign{"repository", Format::jsonl},   Sign{"attributes", Format::jsonl},
    Sign{"type", Format::jsonl},         Sign{"url", Format::jsonl},
};

/// Collects the members of the first object, however much of it there is.
class Members : public nlohmann::json_sax<nlohmann::json> {
public:
    std::set<std::string, std::less<>> names;

    bool start_object(std::size_t) override {
        ++depth_;
        return true;
    }
    bool end_object() override { return --depth_ > 0; }
    bool key(string_t &name) override {
        if (depth_ == 1) {
            names.insert(name);
        }
        return true;
    }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t &) override { return true; }
    bool string(string_t &) override { return true; }
    bool binary(binary_t &) override { return true; }
    bool parse_error(std::size_t, const std::string &,
                     const nlohmann::detail::exception &) override {
        return false;
    }

private:
    int depth_ = 0;
};

} // namespace

std::string_view format_name(Format format) noexcept {
    return std::find_if(names.begin(), names.end(),
                        [format](const auto &row) { return row.first == format; })
        ->second;
}

std::vector<std::string> format_names() {
    std::vector<std::string> all;
    for (const auto &[format, name] : names) {
        all.emplace_back(name);
    }
    return all;
}

std::optional<Format> parse_format(std::string_view name) noexcept {
    for (const auto &[format, known] : names) {
        if (known == name) {
            return format;
        }
    }
    return std::nullopt;
}

std::optional<Format> detect_format(std::string_view beginning) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (beginning.substr(0, byte_order_mark.size()) == byte_order_mark) {
        beginning.remove_prefix(byte_order_mark.size());
    }
    const auto first = beginning.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return Format::jsonl;
    }
    if (beginning[first] != '{' && beginning[first] != '[') {
        return Format::csv;
    }
    Members members;
    nlohmann::json::sax_parse(beginning.substr(first), &members,
                              nlohmann::json::input_format_t::json, false);
    for (const auto &sign : signs) {
        if (members.names.contains(sign.member)) {
            return sign.format;
        }
    }
    return std::nullopt;
}

} // namespace inventory::loader
