-- Step 5: who reads the tables themselves. How: 37_dba.sql.

create function inventory.migration_005_dba() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    perform inventory.install_row_security();
end
$migration$;
