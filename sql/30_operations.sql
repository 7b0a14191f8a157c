-- The operations, for SQL clients and for the proxy.

create function inventory.rest(method text, target text, headers text default '', body bytea default null)
returns inventory.rest_response
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_rest';
comment on function inventory.rest(text, text, text, bytea) is
    'Answers one HTTP request of the Assets API: headers are lines `name: value` with LF between them. Never raises for what a client did.';

create function inventory.routes() returns table (method text, template text, lane text)
language c immutable parallel safe
as 'MODULE_PATHNAME', 'inventory_routes';
comment on function inventory.routes() is
    'The routes of the REST API and the lane a proxy should run each on: read, write, slow (it waits), heavy (it computes), or choices such as `heavy:filter&meta_count read`: a lane for requests with these parameters, else the next.';

create function inventory.list_assets(scope text, filter text default null, sort text default null,
    "limit" int default 10, starting_after text default null, ending_before text default null,
    meta_count text default null, fields text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_list_assets';
comment on function inventory.list_assets(text, text, text, int, text, text, text, text) is
    'One page of the assets of a scope (tenants/<uuid>, groups/<uuid>, orgs/<uuid>) under an RSQL filter, as a JSON:API document.';

create function inventory.get_asset(scope text, asset_id uuid, fields text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_get_asset';
comment on function inventory.get_asset(text, uuid, text) is 'One asset of a scope, as a JSON:API document.';

create function inventory.find_assets(scope text, filter text default null, sort text default null,
    "limit" int default null) returns setof inventory.asset_record
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_find_assets';
comment on function inventory.find_assets(text, text, text, int) is
    'The assets of a scope under an RSQL filter, as typed rows to join and aggregate; without a limit, all of them.';

create function inventory.rsql_parse(filter text) returns jsonb
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_rsql_parse';
comment on function inventory.rsql_parse(text) is 'The tree of an RSQL filter. Checks the syntax only, not the fields.';

create function inventory.rsql_to_sql(filter text, relation regclass) returns text
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_rsql_to_sql';
comment on function inventory.rsql_to_sql(text, regclass) is
    'The SQL condition of an RSQL filter over the columns of any table that the caller may read, with literals, for EXECUTE.';

create function inventory.cursor_encode(payload jsonb) returns text
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_cursor_encode';
comment on function inventory.cursor_encode(jsonb) is 'A cursor with this payload: v1. and base64url of its text.';

create function inventory.cursor_decode(cursor text) returns jsonb
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_cursor_decode';
comment on function inventory.cursor_decode(text) is 'The payload of a cursor.';

create function inventory.resolve_scope(scope text, needs_edit boolean default false, out kind text, out id uuid,
    out tenant_id uuid, out principal_id uuid) returns record
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_resolve_scope';
comment on function inventory.resolve_scope(text, boolean) is
    'Authorises the calling role in a scope and resolves its tenant; raises when it may not.';

create function inventory.field_id(name text) returns uuid
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_field_id';
comment on function inventory.field_id(text) is 'The id of a field for ever: the version 5 UUID of its name.';

create function inventory.catalogue_changed() returns void
language c volatile
as 'MODULE_PATHNAME', 'inventory_catalogue_changed';
comment on function inventory.catalogue_changed() is
    'Tells every session to read the catalogue of types and fields again; call it after editing its tables by hand.';
