#include "loader/oci_layout.hpp"

#include "loader/input.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

namespace inventory::loader {
namespace {

/// The digests of the descriptors in an index or manifest, but not those of layers.
std::vector<std::string> find_digests(const std::string &text) {
    std::vector<std::string> digests;
    const auto document = nlohmann::json::parse(text, nullptr, false);
    const auto add = [&digests](const nlohmann::json &descriptor) {
        if (descriptor.is_object() && descriptor.contains("digest") &&
            descriptor["digest"].is_string()) {
            digests.push_back(descriptor["digest"]);
        }
    };
    if (document.is_object() && document.contains("config")) {
        add(document["config"]);
    }
    if (document.is_object() && document.contains("manifests")) {
        for (const auto &descriptor : document["manifests"]) {
            add(descriptor);
        }
    }
    return digests;
}

bool is_digest(const std::string &digest) {
    const auto colon = digest.find(':');
    return colon != std::string::npos && colon > 0 &&
           std::all_of(digest.begin(), digest.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':';
           });
}

} // namespace

std::vector<std::string> read_oci_layout(const std::string &directory) {
    const std::filesystem::path root(directory);
    if (!std::filesystem::exists(root / "index.json")) {
        throw std::runtime_error(directory + " is no OCI layout: it has no index.json");
    }
    std::vector<std::string> documents{read_file(root / "index.json")};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        for (const auto &digest : find_digests(documents[i])) {
            // A digest becomes a path: nothing else may.
            if (!is_digest(digest) || !seen.insert(digest).second) {
                continue;
            }
            const auto colon = digest.find(':');
            const auto blob = root / "blobs" / digest.substr(0, colon) / digest.substr(colon + 1);
            if (std::filesystem::is_regular_file(blob)) {
                documents.push_back(read_file(blob));
            }
        }
    }
    return documents;
}

} // namespace inventory::loader
