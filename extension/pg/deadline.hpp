#pragma once

namespace inventory::pg {

/// Cancels the running statement after `milliseconds`, as statement_timeout would
/// (57014); a deadline that the server has set and that is nearer stays. It ends
/// with the statement. set_config inside of a statement would come too late.
void arm_deadline(int milliseconds);

} // namespace inventory::pg
