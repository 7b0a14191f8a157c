#include "loader/input.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace inventory::loader {
namespace {

constexpr std::size_t read_size = std::size_t{1} << 20;

int open_path(const std::string &path) {
    const int descriptor =
        path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    return descriptor;
}

} // namespace

Input::Input(const std::string &path) : path_(path), descriptor_(open_path(path)) {}

Input::~Input() {
    close(descriptor_);
}

bool Input::read_more() {
    if (is_at_end_) {
        return false;
    }
    if (buffer_.size() - consumed_ >= max_window) {
        throw std::length_error(path_ + ": a document of more than " +
                                std::to_string(max_window >> 20) + " MiB");
    }
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    // A document larger than the window so far is not read a megabyte at a time.
    const std::size_t wanted = std::max(read_size, buffer_.size());
    const std::size_t held = buffer_.size();
    buffer_.resize(held + wanted);
    ssize_t got = 0;
    do {
        got = read(descriptor_, buffer_.data() + held, wanted);
    } while (got < 0 && errno == EINTR);
    buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) {
        throw std::system_error(errno, std::generic_category(), path_);
    }
    is_at_end_ = got == 0;
    return !is_at_end_;
}

void Input::consume(std::size_t bytes) noexcept {
    const auto taken = window().substr(0, bytes);
    lines_ += static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), '\n'));
    consumed_ += taken.size();
    offset_ += taken.size();
}

void Input::skip_to(std::uint64_t offset) {
    while (offset_ < offset) {
        if (window().empty() && !read_more()) {
            throw std::runtime_error(path_ + " ends before the place to resume at, byte " +
                                     std::to_string(offset) + "; it is not what was loaded before");
        }
        consume(
            static_cast<std::size_t>(std::min<std::uint64_t>(window().size(), offset - offset_)));
    }
}

std::string read_file(const std::string &path) {
    Input input(path);
    while (input.read_more()) {
    }
    return std::string(input.window());
}

} // namespace inventory::loader
