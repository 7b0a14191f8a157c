-- The indexes that answer filters are the greater part of the cost of a write. A
-- first load of millions of assets goes faster without them.

create function inventory.restore_indexes() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set client_min_messages = warning
as $$
declare
    trgm text := (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
                  where e.extname = 'pg_trgm');
begin
    create index if not exists asset_members_idx on inventory.asset using gin
        (tenant_id, scope_ids, labels, tags, image_tags, manifest_digests, index_digests, image_labels);
    execute format('create index if not exists asset_search_idx on inventory.asset using gin '
                   '(tenant_id, scope_ids, search %s.gin_trgm_ops)', trgm);
end
$$;
comment on function inventory.restore_indexes() is
    'Builds the indexes that suspend_indexes() dropped; idempotent. Run it with a large maintenance_work_mem, then ANALYZE.';

create function inventory.suspend_indexes() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set client_min_messages = warning
as $$
begin
    drop index if exists inventory.asset_members_idx, inventory.asset_search_idx;
end
$$;
comment on function inventory.suspend_indexes() is
    'Drops the indexes that answer substring, label, tag and digest filters, for a first load; restore_indexes() builds them again. '
    'Until then such filters read every asset of the tenant.';
