-- Step 7: one index of keys that name the tenant answers filters, instead of one of members and
-- one of trigrams, in which the entries of all tenants met.

create function inventory.migration_007_asset_keys() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    drop index if exists inventory.asset_search_idx, inventory.asset_members_idx;
    if to_regclass('inventory.suspended_index') is null then
        perform inventory.restore_indexes();
    else
        delete from inventory.suspended_index where name in ('asset_search_idx', 'asset_members_idx');
        insert into inventory.suspended_index (name, definition)
        values ('asset_keys_idx', 'create index asset_keys_idx on inventory.asset using gin (inventory.asset_keys('
                'tenant_id, scope_ids, search, labels, tags, image_tags, manifest_digests, index_digests, image_labels))')
        on conflict do nothing;
    end if;
end
$migration$;
comment on function inventory.migration_007_asset_keys() is 'Step 7 of inventory.migrate().';
