-- Step 7: searches by keys that name the tenant, instead of by trigrams of all tenants.

create function inventory.migration_007_asset_keys() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    drop index if exists inventory.asset_search_idx;
    if to_regclass('inventory.suspended_index') is null then
        perform inventory.restore_indexes();
    else
        update inventory.suspended_index
        set name = 'asset_keys_idx',
            definition = 'CREATE INDEX asset_keys_idx ON inventory.asset USING gin (inventory.asset_keys(tenant_id, scope_ids, search))'
        where name = 'asset_search_idx';
    end if;
end
$migration$;
comment on function inventory.migration_007_asset_keys() is 'Step 7 of inventory.migrate().';
