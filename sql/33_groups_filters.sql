-- Groups and filters: the fields of the catalogue and their values.

create function inventory.group_fields(scope text, asset_types text default null, "limit" int default 100,
    starting_after text default null, ending_before text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_group_fields';
comment on function inventory.group_fields(text, text, int, text, text) is
    'The fields that group assets, those of the given asset types (a comma list), as a JSON:API document.';

create function inventory.group_values(scope text, group_field uuid, filter text default null, asset_types text default null,
    meta_fields text default null, "limit" int default 10, starting_after text default null,
    ending_before text default null, sort text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_group_values';
comment on function inventory.group_values(text, uuid, text, text, text, int, text, text, text) is
    'The number of assets of a scope with each value of a group field, the most frequent first, as a JSON:API document. '
    'inventory.field_id(name) is the id of a field; meta_fields adds issues, labels, latest_last_seen_at, latest_updated_at, max_risk_score.';

create function inventory.filter_fields(scope text, asset_types text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_filter_fields';
comment on function inventory.filter_fields(text, text) is
    'The fields that RSQL filters can name, those of the given asset types (a comma list), as a JSON:API document.';

create function inventory.filter_values(scope text, filter_id uuid, q text default null, keys_only boolean default null,
    key text default null, "limit" int default 10, starting_after text default null, ending_before text default null,
    asset_types text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_filter_values';
comment on function inventory.filter_values(text, uuid, text, boolean, text, int, text, text, text) is
    'The distinct values of a filter field over the assets of a scope, those that contain q in any case, as a JSON:API document. '
    'Of an object field the pairs, its keys only, or the pairs of one key.';
