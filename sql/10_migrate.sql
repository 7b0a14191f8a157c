-- inventory.migrate(): versioned steps, each applied once and recorded. A step is
-- a function inventory.migration_NNN_name(); it is never changed once released.

create function inventory.migrate() returns setof text
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set client_min_messages = warning
as $$
declare
    step record;
begin
    perform pg_advisory_xact_lock(hashtextextended('inventory.migrate', 0));
    create table if not exists inventory.migration (
        step int primary key,
        name text not null,
        extension_version text not null,
        applied_at timestamptz not null default now()
    );
    perform inventory.install_row_functions();
    for step in
        select substring(p.proname from '^migration_(\d+)_')::int as number, p.proname::text as name
        from pg_proc p
        where p.pronamespace = 'inventory'::regnamespace and p.proname ~ '^migration_\d+_'
          and not exists (select from inventory.migration m
                          where m.step = substring(p.proname from '^migration_(\d+)_')::int)
        order by 1
    loop
        execute format('select inventory.%I()', step.name);
        insert into inventory.migration (step, name, extension_version)
        select step.number, step.name, extversion from pg_extension where extname = 'asset_inventory';
        return next step.name;
    end loop;
    if inventory.facets_are_kept() then
        perform inventory.install_facets();
    end if;
    perform inventory.install_row_security();
    -- Of the functions that tables use, too: create extension leaves them so when it finds them there.
    revoke all on all functions in schema inventory from public;
    perform inventory.install_grants();
    perform inventory.catalogue_changed();
end
$$;
comment on function inventory.migrate() is
    'Makes or upgrades the tables of the inventory; idempotent. Returns the steps that it applied.';
