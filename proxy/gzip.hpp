#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace inventory::proxy {

/// Compresses bodies (RFC 1952). The state of zlib, a quarter of a megabyte, is
/// kept from one body to the next.
class Gzip {
public:
    /// `level` 1 to 9.
    explicit Gzip(int level);
    ~Gzip();
    Gzip(const Gzip &) = delete;
    Gzip &operator=(const Gzip &) = delete;

    std::string compress(std::string_view body);

private:
    z_stream stream_{};
};

} // namespace inventory::proxy
