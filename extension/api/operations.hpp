#pragma once

#include "api/request.hpp"

namespace inventory::api {

// The operations of contract.md §1, one file each. Each is called inside of an Spi
// with a request that the router has checked, and throws Error for what a client
// did wrong.

Response list_assets(const Request &request);
Response get_asset(const Request &request);
Response list_group_fields(const Request &request);
Response list_group_values(const Request &request);
Response list_filter_fields(const Request &request);
Response list_filter_values(const Request &request);

} // namespace inventory::api
