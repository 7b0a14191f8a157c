-- What create extension says where something is missing.
\set SHOW_CONTEXT never
select current_database() as home \gset
create database inventory_ascii encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0;
\c inventory_ascii
set client_min_messages = warning;
create extension asset_inventory;
create extension asset_inventory cascade;
\c :home
drop database inventory_ascii;
create database inventory_empty template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C';
\c inventory_empty
set client_min_messages = warning;
create extension asset_inventory;
create extension btree_gin;
create extension asset_inventory;
create extension pg_trgm;
create extension asset_inventory;
-- Before migrate() a function says what to run.
select inventory.list_assets('tenants/00000000-0000-4000-8000-000000000001');
select count(*) > 0 as migrated from inventory.migrate();
\c :home
drop database inventory_empty;
