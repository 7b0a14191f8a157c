#pragma once

namespace inventory::pg {

/// Lowers the priority of this process to the setting asset_inventory.nice, for good: an
/// unprivileged process cannot raise it again. A refusal is no error. Cheap when it is done.
void lower_priority() noexcept;

} // namespace inventory::pg
