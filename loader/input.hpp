#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inventory::loader {

/// Bytes of a file or of standard input ("-"), with a window on what was read and
/// not yet consumed.
class Input {
public:
    /// Throws std::system_error.
    explicit Input(const std::string &path);
    ~Input();
    Input(const Input &) = delete;
    Input &operator=(const Input &) = delete;

    /// The bytes from `offset()` on that are in memory.
    std::string_view window() const noexcept { return std::string_view(buffer_).substr(consumed_); }
    /// Reads on; false when there is no more. Views of the window are void then.
    /// Throws std::system_error, and std::length_error past `max_window`.
    bool read_more();
    /// Whether the end was read into the window.
    bool is_at_end() const noexcept { return is_at_end_; }

    void consume(std::size_t bytes) noexcept;
    /// Goes forward to a place, by reading where the input cannot seek. Throws
    /// std::runtime_error where the input ends before it.
    void skip_to(std::uint64_t offset);

    /// Bytes consumed from the beginning.
    std::uint64_t offset() const noexcept { return offset_; }
    /// Lines consumed.
    std::uint64_t lines() const noexcept { return lines_; }
    void set_lines(std::uint64_t lines) noexcept { lines_ = lines; }

    /// A document must fit into it.
    static constexpr std::size_t max_window = std::size_t{256} << 20;

private:
    std::string path_;
    int descriptor_;
    std::string buffer_;
    std::size_t consumed_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t lines_ = 0;
    bool is_at_end_ = false;
};

/// All bytes of a file. Throws as Input.
std::string read_file(const std::string &path);

} // namespace inventory::loader
