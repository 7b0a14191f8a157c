#pragma once

#include "core/body_member.hpp"
#include "core/update_document.hpp"

namespace inventory {

// The three attributes that an update can hold (contract.md §6). Each throws
// Error(body_invalid) with the pointer of the first value at fault.

ClassUpdate read_class_update(const BodyMember &place);
LabelsUpdate read_labels_update(const BodyMember &place);
TagsUpdate read_tags_update(const BodyMember &place);

} // namespace inventory
