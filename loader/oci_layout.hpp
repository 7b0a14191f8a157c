#pragma once

#include <string>
#include <vector>

namespace inventory::loader {

/// The documents of an image layout on disk (OCI image-layout.md): index.json, and
/// the indexes, manifests and configurations that it leads to and that are there.
/// Throws std::runtime_error when the directory is none.
std::vector<std::string> read_oci_layout(const std::string &directory);

} // namespace inventory::loader
