-- What the tables of the library say of themselves; docs/reference is made from it.

create function inventory.openapi(version text default null) returns json
language c stable parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_openapi';
comment on function inventory.openapi(text) is
    'The OpenAPI 3.1 document of the REST API at a version, a date or a release such as 2024-10-15~beta (null: the latest), as GET /openapi/{version} answers it.';

create function inventory.error_codes()
returns table (code text, status int, sqlstate text, title text, help text)
language c immutable parallel safe
as 'MODULE_PATHNAME', 'inventory_error_codes';
comment on function inventory.error_codes() is
    'Every way a request can fail: code and status of the REST API, SQLSTATE of the functions, and what to do.';

create function inventory.settings()
returns table (name text, setting text, unit text, default_value text, min_value text, max_value text, description text)
language plpgsql stable parallel unsafe
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    -- A session knows the settings once it has loaded the library.
    perform from inventory.error_codes();
    return query
        select s.name, s.setting, s.unit, s.boot_val, s.min_val, s.max_val, s.short_desc
        from pg_settings s where s.name like 'asset\_inventory.%' order by s.name;
end
$$;
comment on function inventory.settings() is 'The settings of the extension: what each is now, its default and its limits.';
