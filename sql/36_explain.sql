create function inventory.explain_filter(scope text, filter text default null, sort text default null) returns text
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_explain_filter';
comment on function inventory.explain_filter(text, text, text) is
    'Runs the first page of a filter and tells which path answered, its statement, its plan with the rows read, and which index answers, or would answer, each comparison.';
