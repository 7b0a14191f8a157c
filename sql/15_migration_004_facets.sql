-- Step 4: the dictionary of facets (design.md §6). How it is kept: 35_facets.sql.

create function inventory.migration_004_facets() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
declare
    trgm text := (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
                  where e.extname = 'pg_trgm');
begin
    create table inventory.facet (
        tenant_id uuid not null,
        scope_id uuid not null,
        field text collate "C" not null,
        type text collate "C" not null,
        key text collate "C" not null,
        value text collate "C" not null,
        n bigint not null,
        primary key (tenant_id, scope_id, field, type, key, value)
    ) with (fillfactor = 90);
    alter table inventory.facet set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
    -- The most frequent first, ties by what a group shows.
    create index facet_frequency_idx on inventory.facet
        (tenant_id, scope_id, field, type, (- n), (substr(key || ':' || value, 2)));
    -- One key for the list, for each key is one more list of rows to intersect with those of the trigrams.
    execute format('create index facet_text_idx on inventory.facet using gin '
                   '(uuid_hash_extended(tenant_id, uuid_hash_extended(scope_id, hashtextextended(field, 0))), '
                   'lower(value collate "default") %s.gin_trgm_ops)', trgm);
    create index facet_zero_idx on inventory.facet (tenant_id) where n = 0;
    comment on table inventory.facet is
        'How many assets have each value, by scope (the tenant''s own id: all of it), field and type; inventory.facet_delta holds what is yet to be added. '
        'Field '''' counts the assets, <object>#keys the keys of an object field. The key of an object field has a leading colon; other fields have none.';

    create table inventory.facet_delta (
        tenant_id uuid not null,
        field text collate "C" not null,
        id uuid not null default gen_random_uuid(),
        type text collate "C" not null,
        scope_ids uuid[] not null,
        keys text[] collate "C" not null,
        values text[] collate "C" not null,
        counts int[] not null,
        primary key (tenant_id, field, id)
    );
    -- It is emptied all the time: dead rows must not outnumber the living for long.
    alter table inventory.facet_delta set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
    comment on table inventory.facet_delta is
        'Signed changes of inventory.facet that are not compacted: one row a statement, field, type and set of scopes. Their sum with the facets is exact in every snapshot.';

    create table inventory.facet_field (
        name text collate "C" primary key,
        kind text not null,
        source text not null
    );
    comment on table inventory.facet_field is 'The fields that the facets count, as they were when install_facets() made the triggers.';

    -- Distributed tables cannot have triggers; reads come from the assets there.
    if not inventory.is_distributed() then
        perform inventory.install_facets();
    end if;
end
$migration$;
