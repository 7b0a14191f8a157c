#pragma once

#include "loader/documents.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace inventory::loader {

/// Keeps what was rejected and why: in a file as JSON lines, or, without one, the
/// first few on standard error.
class Rejects {
public:
    /// `size` is where the file ends by the checkpoint; what is behind it belongs to
    /// a chunk that was never committed. Throws std::system_error.
    Rejects(const std::string &path, std::uint64_t size);
    ~Rejects();
    Rejects(const Rejects &) = delete;
    Rejects &operator=(const Rejects &) = delete;

    /// Holds it until `flush`.
    void add(const std::string &input, const Document &document, std::string_view reason);
    /// Writes what was added. Throws std::system_error.
    void flush();

    /// Bytes of the file.
    std::uint64_t size() const noexcept { return size_; }

private:
    std::string path_;
    int descriptor_ = -1;
    std::uint64_t size_;
    std::string pending_;
    int shown_ = 0;
};

} // namespace inventory::loader
