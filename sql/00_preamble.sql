\echo Use "create extension asset_inventory cascade" to load this file. \quit

-- Functions, types and settings belong to the extension; the tables do not:
-- inventory.migrate() makes and upgrades them, so that DROP EXTENSION never
-- drops an inventory and pg_dump dumps it as any other data.

do $$
begin
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'asset_inventory needs a database in UTF8, this one is in %',
            current_setting('server_encoding')
            using hint = 'create database name encoding ''UTF8'' template template0';
    end if;
    if current_setting('server_version_num')::int < 150000 then
        raise exception 'asset_inventory needs PostgreSQL 15 or later, this is %',
            current_setting('server_version');
    end if;
end
$$;
