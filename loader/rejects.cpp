#include "loader/rejects.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace inventory::loader {

Rejects::Rejects(const std::string &path, std::uint64_t size) : path_(path), size_(size) {
    if (path.empty()) {
        return;
    }
    descriptor_ = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(size)) != 0 ||
        lseek(descriptor_, 0, SEEK_END) < 0) {
        throw std::system_error(errno, std::generic_category(), path);
    }
}

Rejects::~Rejects() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

void Rejects::add(const std::string &input, const Document &document, std::string_view reason) {
    constexpr int most_shown = 10;
    if (descriptor_ < 0) {
        if (shown_ < most_shown) {
            pending_ +=
                input + ':' + std::to_string(document.line) + ": " + std::string(reason) + '\n';
        } else if (shown_ == most_shown) {
            pending_ += "…and more; --rejects FILE keeps them all\n";
        }
        ++shown_;
        return;
    }
    nlohmann::ordered_json line{{"input", input}, {"line", document.line}, {"rejected", reason}};
    const auto parsed = nlohmann::ordered_json::parse(document.text, nullptr, false);
    line["document"] = parsed.is_discarded() ? nlohmann::ordered_json(document.text) : parsed;
    using nlohmann::detail::error_handler_t;
    pending_ += line.dump(-1, ' ', false, error_handler_t::replace) + '\n';
}

void Rejects::flush() {
    if (descriptor_ < 0) {
        std::fputs(pending_.c_str(), stderr);
    }
    for (std::size_t done = 0; descriptor_ >= 0 && done < pending_.size();) {
        const auto written = write(descriptor_, pending_.data() + done, pending_.size() - done);
        if (written < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), path_);
        }
        done += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
        size_ += static_cast<std::uint64_t>(std::max<ssize_t>(written, 0));
    }
    pending_.clear();
}

} // namespace inventory::loader
