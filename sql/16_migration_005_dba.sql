-- Step 5: who reads the tables themselves, and when keys were used. How: 37_dba.sql.

create function inventory.migration_005_dba() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    create table inventory.api_key_use (
        key_id uuid primary key references inventory.api_key (id) on delete cascade,
        used_at timestamptz not null
    );
    comment on table inventory.api_key_use is
        'When a key was used last, as record_key_uses() found it; inventory.api_keys shows it.';
    perform inventory.install_row_security();
end
$migration$;
comment on function inventory.migration_005_dba() is 'Step 5 of inventory.migrate().';
