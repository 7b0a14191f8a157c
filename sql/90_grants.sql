-- Nobody but the owner has anything until it is granted. Roles are of the cluster,
-- so they are made when missing and left when the extension goes.

create function inventory.install_grants() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    wanted text;
begin
    foreach wanted in array array['inventory_proxy', 'inventory_reader', 'inventory_editor'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
    end loop;
    grant usage on schema inventory to inventory_proxy, inventory_reader, inventory_editor;
    -- The proxy needs one function, and the list of its routes.
    grant execute on function inventory.rest(text, text, text, bytea), inventory.routes() to inventory_proxy;
    grant execute on function
        inventory.list_assets(text, text, text, int, text, text, text, text),
        inventory.get_asset(text, uuid, text), inventory.find_assets(text, text, text, int),
        inventory.explain_filter(text, text, text),
        inventory.group_fields(text, text, int, text, text),
        inventory.group_values(text, uuid, text, text, text, int, text, text, text),
        inventory.filter_fields(text, text),
        inventory.filter_values(text, uuid, text, boolean, text, int, text, text, text),
        inventory.rsql_parse(text), inventory.rsql_to_sql(text, regclass),
        inventory.cursor_encode(jsonb), inventory.cursor_decode(text)
        to inventory_reader, inventory_editor;
    grant execute on function inventory.update_asset(text, uuid, json), inventory.update_assets(text, json) to inventory_editor;
    grant execute on function
        inventory.create_search(text, json), inventory.search_results(text, uuid, text, int, text, text),
        inventory.cancel_search(text, uuid)
        to inventory_reader, inventory_editor;
    grant select on inventory.search_queue to inventory_reader, inventory_editor;
    grant execute on function inventory.openapi(text), inventory.error_codes(), inventory.settings()
        to inventory_reader, inventory_editor;
    grant execute on function inventory.upsert_assets(text, jsonb), inventory.import_assets(text, regclass),
        inventory.import_chunk(text, regclass, bigint, int), inventory.staging_blocks(regclass),
        inventory.import_progress(regclass, bigint, bigint, bigint, timestamptz) to inventory_editor;
    grant execute on procedure inventory.import_assets_in_chunks(text, regclass, int) to inventory_editor;
    grant execute on function
        inventory.check_assets(text, jsonb), inventory.upsert_assets_reporting(text, jsonb),
        inventory.import_docker_inspect(text, jsonb), inventory.import_skopeo_inspect(text, jsonb),
        inventory.import_oci(text, text, text[]), inventory.import_syft(text, jsonb), inventory.import_trivy(text, jsonb),
        inventory.import_csv(text, text), inventory.import_documents(text, text, text[], text),
        inventory.csv_columns(), inventory.check_csv_columns(text[])
        to inventory_editor;
    grant execute on function inventory.field_id(text) to inventory_reader, inventory_editor;
    -- Of the assets a policy shows what the caller may read.
    grant select on inventory.asset to inventory_reader, inventory_editor;
    -- Whoever watches the server watches the inventory too, and sees no asset.
    grant usage on schema inventory to pg_monitor;
    grant execute on function inventory.health(), inventory.counted_request_shapes(), inventory.api_key_states() to pg_monitor;
    grant select on inventory.request_shapes, inventory.api_keys to pg_monitor;
    grant execute on function inventory.readable_scopes(), inventory.readable_tenants() to inventory_reader, inventory_editor;
end
$$;
comment on function inventory.install_grants() is 'Makes the roles inventory_proxy, inventory_reader, inventory_editor and grants them what they need.';

revoke all on all routines in schema inventory from public;
