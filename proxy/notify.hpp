#pragma once

#include <string_view>

namespace inventory::proxy {

/// Tells the service manager what the process does (sd_notify(3)): lines
/// `NAME=value`, LF between them. Nothing happens when nobody asked, which is when
/// NOTIFY_SOCKET is not set. A message that does not arrive is a warning in the
/// log and no more: serving clients goes first.
void notify_manager(std::string_view message);

/// The message that a reload has begun, with its time, which Type=notify-reload
/// asks for. The next `READY=1` ends it.
void notify_reloading();

} // namespace inventory::proxy
