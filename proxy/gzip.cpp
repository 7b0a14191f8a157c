#include "proxy/gzip.hpp"

#include <stdexcept>

namespace inventory::proxy {

Gzip::Gzip(int level) {
    constexpr int gzip_header = 16;
    if (deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + gzip_header, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("zlib has no memory");
    }
}

Gzip::~Gzip() {
    deflateEnd(&stream_);
}

std::string Gzip::compress(std::string_view body) {
    deflateReset(&stream_);
    std::string out(deflateBound(&stream_, body.size()), '\0');
    stream_.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(body.data()));
    stream_.avail_in = static_cast<uInt>(body.size());
    stream_.next_out = reinterpret_cast<Bytef *>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) {
        throw std::runtime_error("zlib failed");
    }
    out.resize(out.size() - stream_.avail_out);
    return out;
}

} // namespace inventory::proxy
