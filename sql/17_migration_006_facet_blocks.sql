-- Step 6: what a block of facets may hold, for autocomplete. How it is kept: 38_facet_blocks.sql.

create function inventory.migration_006_facet_blocks() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
declare
    tenant uuid;
begin
    create table inventory.facet_block (
        tenant_id uuid not null,
        scope_id uuid not null,
        field text collate "C" not null,
        type text collate "C" not null,
        key text collate "C" not null,
        value text collate "C" not null,
        n int not null,
        grams bytea not null,
        primary key (tenant_id, scope_id, field, type, key, value)
    );
    -- Read in part and changed in place: neither compression nor another table would help.
    alter table inventory.facet_block alter column grams set storage plain;
    alter table inventory.facet_block set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
    comment on table inventory.facet_block is
        'Which parts the values of a block of inventory.facet have: of a list of many values, each few hundred in order, from (key, value) to the next block. '
        'A list without blocks has few values.';
    perform inventory.install_row_security();

    for tenant in select inventory.facet_tenants() loop
        perform pg_advisory_xact_lock(inventory.facet_lock(tenant));
        perform inventory.arrange_facets(tenant);
    end loop;
end
$migration$;
comment on function inventory.migration_006_facet_blocks() is 'Step 6 of inventory.migrate().';
