#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace inventory::proxy {

enum class Level { debug, info, warn, error };

/// Opens the log: `file`, or standard error when it is empty. Lines are JSON
/// objects. Called again it opens the file anew. Throws std::exception.
void open_log(const std::string &file, const std::string &level);

void set_log_level(const std::string &level);
bool is_logged(Level level);

using LogField = std::pair<std::string_view, std::string_view>;

/// One line: {"time","level","message", and the fields}. Written at once.
void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

/// One line whose text is JSON already, but for the closing brace and the time:
/// `{"time":"…"` is put before it. Written within a quarter of a second.
void log_line(std::string_view members);

/// Writes out what `log_line` holds back.
void flush_log();

/// An RFC 3339 time in UTC with milliseconds.
void append_now(std::string &out);

} // namespace inventory::proxy
