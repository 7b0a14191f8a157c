-- Functions that the tables themselves use (generated columns, constraints). They
-- are made by no migration step but by the library; install_row_functions() keeps
-- them outside of the extension, so that DROP EXTENSION can leave the tables.

create function inventory.install_row_functions() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    create or replace function inventory.asset_search(labels text[], tags jsonb, registry text, repository text,
        name text, manifest_digests text[], index_digests text[]) returns text
        language c immutable parallel safe as '$libdir/asset_inventory', 'inventory_asset_search';
    create or replace function inventory.asset_keys(tenant_id uuid, scope_ids uuid[], search text, labels text[], tags jsonb,
        image_tags text[], manifest_digests text[], index_digests text[], image_labels jsonb) returns bigint[]
        language c immutable parallel safe strict cost 400 as '$libdir/asset_inventory', 'inventory_asset_keys';
    create or replace function inventory.are_labels(labels text[]) returns boolean
        language c immutable parallel safe strict as '$libdir/asset_inventory', 'inventory_are_labels';
    create or replace function inventory.are_tags(tags jsonb) returns boolean
        language c immutable parallel safe strict as '$libdir/asset_inventory', 'inventory_are_tags';
    create or replace function inventory.are_digests(digests text[]) returns boolean
        language c immutable parallel safe strict as '$libdir/asset_inventory', 'inventory_are_digests';
    create or replace function inventory.asset_identity(type text, registry text, repository text, config_digest text,
        manifest_digests text[], url text, name text) returns uuid
        language sql immutable parallel safe
        as $sql$
            select md5(coalesce(type, '') || E'\x1f' || coalesce(registry, '') || E'\x1f' || coalesce(repository, '') || E'\x1f'
                       || coalesce(config_digest, manifest_digests[1], url, name, ''))::uuid
        $sql$;
    comment on function inventory.asset_identity(text, text, text, text, text[], text, text) is
        'What makes an asset the same: type, registry, repository and digest, or its address.';
    comment on function inventory.asset_search(text[], jsonb, text, text, text, text[], text[]) is
        'What q searches: the lower-case parts of an asset, with a separator that no term can contain between them.';
    comment on function inventory.asset_keys(uuid, uuid[], text, text[], jsonb, text[], text[], text[], jsonb) is
        'What the index of filters finds an asset by: its scopes, labels, tags and other members and the parts of its text, as numbers that name the tenant too.';
    comment on function inventory.are_labels(text[]) is
        'Whether every element is a label: 1 to 40 of [a-zA-Z0-9_/:?#@&=+%~-].';
    comment on function inventory.are_tags(jsonb) is
        'Whether the object holds at most 100 tags: key 1 to 30 of [a-zA-Z0-9_-], value a string, 1 to 40 as a label.';
    comment on function inventory.are_digests(text[]) is
        'Whether every element that is not null is a digest: sha256 or sha512, colon, lower-case hex.';
end
$$;
comment on function inventory.install_row_functions() is
    'Makes the functions that the tables themselves use, outside of the extension; part of migrate().';

-- Of the keys of a term. Neither carries settings, so that the planner may evaluate them. That the
-- first reads the statistics, which an ANALYZE changes, would make it stable; whichever keys it
-- leaves are right, and what is immutable is evaluated once a plan, never for a row.
create function inventory.find_keys(tenant_id uuid, scope_id uuid, term text) returns bigint[]
language c immutable parallel safe
as 'MODULE_PATHNAME', 'inventory_find_keys';
comment on function inventory.find_keys(uuid, uuid, text) is
    'Keys that all assets of a tenant have that were seen in the group or org, if it is given, and hold the lower-case term, if one is; '
    'those that the statistics of asset_keys_idx say are worth looking up.';

create function inventory.find_alternative_keys(tenant_id uuid, term text) returns bigint[]
language c immutable parallel safe strict
as 'MODULE_PATHNAME', 'inventory_find_alternative_keys';
comment on function inventory.find_alternative_keys(uuid, text) is
    'Keys of which every asset of a tenant has one that holds a term of three hexadecimal digits, or of two bytes that are not both such digits.';
