#pragma once

#include "core/uuid.hpp"

#include <string>
#include <string_view>

namespace inventory::proxy {

/// SHA-256 in lower-case hex.
std::string sha256_hex(std::string_view text);

/// A new UUID of version 4 (RFC 9562 §5.4) from the system's random source.
Uuid random_uuid();

/// A number from 0 to 1, for spreading retries; not for secrets.
double random_fraction();

} // namespace inventory::proxy
