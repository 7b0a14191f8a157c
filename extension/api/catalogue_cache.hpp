#pragma once

#include "core/catalogue.hpp"

#include <memory>

namespace inventory::api {

/// The catalogue of asset types and fields, kept for the session. A change through
/// register_asset_type, register_field or catalogue_changed() invalidates it in
/// every session, at commit, by a relation-cache message on inventory.asset_field.
/// Must be called inside of an Spi.
std::shared_ptr<const Catalogue> current_catalogue();

} // namespace inventory::api
