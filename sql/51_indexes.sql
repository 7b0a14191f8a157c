-- The indexes are the greater part of the cost of a write. A first load of millions of
-- assets goes faster without them, for one that is built at once costs a fraction.

create function inventory.restore_indexes() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    since timestamptz;
    index record;
begin
    -- Less makes many passes of a GIN index, and leaves a B-tree without parallel workers.
    if pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('512MB') then
        set local maintenance_work_mem = '512MB';
    end if;
    if to_regclass('inventory.suspended_index') is null then
        if to_regclass('inventory.asset_keys_idx') is null then
            create index asset_keys_idx on inventory.asset using gin (inventory.asset_keys(
                tenant_id, scope_ids, search, labels, tags, image_tags, manifest_digests, index_digests, image_labels));
        end if;
        return;
    end if;
    -- The longest first. Two sessions share the work: each takes what the other has not.
    loop
        delete from inventory.suspended_index s
        where s.name = (select n.name from inventory.suspended_index n
                        order by n.definition ~* ' using gin ' desc, n.name desc limit 1 for update skip locked)
        returning s.name, s.definition into index;
        exit when not found;
        if to_regclass('inventory.' || quote_ident(index.name)) is null then
            since := clock_timestamp();
            execute index.definition;
            raise notice 'restore_indexes: % in % s', index.name, round(extract(epoch from clock_timestamp() - since), 1);
        end if;
    end loop;
    perform inventory.catalogue_changed();
    -- The last session takes the list away.
    begin
        lock table inventory.suspended_index in access exclusive mode nowait;
        if not exists (select from inventory.suspended_index) then
            drop table inventory.suspended_index;
        end if;
    exception when lock_not_available then
        null;
    end;
end
$$;
comment on function inventory.restore_indexes() is
    'Builds the indexes that suspend_indexes() dropped; idempotent. Two sessions that call it at once share the work. It takes 512 MB of '
    'maintenance_work_mem, or more that is set, and max_parallel_maintenance_workers; ANALYZE after it.';

create function inventory.suspend_indexes() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set client_min_messages = warning
as $$
declare
    index record;
begin
    create table if not exists inventory.suspended_index (name name primary key, definition text not null);
    revoke all on inventory.suspended_index from public;
    for index in
        select c.relname as name, i.indexrelid::regclass as index, pg_get_indexdef(i.indexrelid) as definition
        from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid = 'inventory.asset'::regclass and not i.indisunique
        order by c.relname
    loop
        insert into inventory.suspended_index (name, definition) values (index.name, index.definition)
        on conflict (name) do update set definition = excluded.definition;
        execute format('drop index %s', index.index);
    end loop;
    -- Sessions know which orders have an index.
    perform inventory.catalogue_changed();
end
$$;
comment on function inventory.suspend_indexes() is
    'Drops all indexes of the assets but the unique ones, for a first load, and keeps their definitions in inventory.suspended_index; '
    'restore_indexes() builds them again. Until then lists read every asset of the tenant.';

-- ---- entries that wait ----

create function inventory.gin_pending_pages(index regclass) returns bigint
language c volatile strict parallel safe
as 'MODULE_PATHNAME', 'inventory_gin_pending_pages';
comment on function inventory.gin_pending_pages(regclass) is
    'Pages of entries that a GIN index has not merged yet; every search through it reads them.';

create function inventory.merge_pending_entries() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    least_pages constant int := 16;
    index regclass;
    merged bigint := 0;
begin
    for index in
        select i.indexrelid from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam and m.amname = 'gin'
        where i.indrelid in (to_regclass('inventory.asset'), to_regclass('inventory.facet')) and i.indisvalid
          and pg_has_role(c.relowner, 'usage')
    loop
        if inventory.gin_pending_pages(index) >= least_pages then
            merged := merged + gin_clean_pending_list(index);
        end if;
    end loop;
    return merged;
end
$$;
comment on function inventory.merge_pending_entries() is
    'Merges the entries that wait in the GIN indexes, where there are 128 kB and more; returns the number of pages. '
    'Searches read what waits, and at gin_pending_list_limit a writer must stop to merge it. The worker calls it each second while somebody writes.';
