-- Administration: scopes, principals, keys, roles, types. For the owner of the
-- extension, and whom it grants EXECUTE.

create function inventory.check_tables() returns void
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    if to_regclass('inventory.migration') is null then
        raise exception 'The tables of the inventory are not there.'
            using errcode = 'object_not_in_prerequisite_state', hint = 'Run select inventory.migrate();';
    end if;
end
$$;
comment on function inventory.check_tables() is 'Raises what to do when nobody has made the tables yet.';

create function inventory.create_tenant(name text, id uuid default null) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    made uuid := coalesce(create_tenant.id, gen_random_uuid());
begin
    perform inventory.check_tables();
    insert into inventory.scope (id, kind, tenant_id, name) values (made, 'tenant', made, create_tenant.name);
    return made;
end
$$;
comment on function inventory.create_tenant(text, uuid) is 'Makes a tenant; returns its id.';

create function inventory.create_group(tenant_id uuid, name text, id uuid default null) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    made uuid := coalesce(create_group.id, gen_random_uuid());
begin
    perform inventory.check_tables();
    if not exists (select from inventory.scope s where s.id = create_group.tenant_id and s.kind = 'tenant') then
        raise exception 'There is no tenant %.', create_group.tenant_id
            using errcode = 'no_data_found', hint = 'Make one with inventory.create_tenant(name).';
    end if;
    insert into inventory.scope (id, kind, tenant_id, name) values (made, 'group', create_group.tenant_id, create_group.name);
    return made;
end
$$;
comment on function inventory.create_group(uuid, text, uuid) is 'Makes a group of a tenant; returns its id.';

create function inventory.create_org(group_id uuid, name text, id uuid default null) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    made uuid := coalesce(create_org.id, gen_random_uuid());
    tenant uuid;
begin
    perform inventory.check_tables();
    select s.tenant_id into tenant from inventory.scope s where s.id = create_org.group_id and s.kind = 'group';
    if tenant is null then
        raise exception 'There is no group %.', create_org.group_id
            using errcode = 'no_data_found', hint = 'Make one with inventory.create_group(tenant_id, name).';
    end if;
    insert into inventory.scope (id, kind, tenant_id, group_id, name)
    values (made, 'org', tenant, create_org.group_id, create_org.name);
    return made;
end
$$;
comment on function inventory.create_org(uuid, text, uuid) is 'Makes an org of a group; returns its id.';

create function inventory.create_principal(name text, db_role name default null) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    made uuid;
begin
    perform inventory.check_tables();
    if create_principal.db_role is not null and not exists (select from pg_roles r where r.rolname = create_principal.db_role) then
        raise exception 'There is no database role %.', quote_ident(create_principal.db_role)
            using errcode = 'undefined_object', hint = 'Make it with CREATE ROLE first.';
    end if;
    insert into inventory.principal (name, db_role) values (create_principal.name, create_principal.db_role)
    returning id into made;
    return made;
end
$$;
comment on function inventory.create_principal(text, name) is
    'Makes a principal, who can hold keys and roles; db_role binds it to a database role for SQL callers.';

create function inventory.issue_api_key(principal uuid, expires_at timestamptz default null) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    -- 256 random bits; gen_random_uuid() alone has 122.
    secret text := inventory.random_secret();
begin
    perform inventory.check_tables();
    if not exists (select from inventory.principal p where p.id = principal) then
        raise exception 'There is no principal %.', principal
            using errcode = 'no_data_found', hint = 'Make one with inventory.create_principal(name).';
    end if;
    insert into inventory.api_key (principal_id, hash, expires_at)
    values (principal, sha256(convert_to(secret, 'UTF8')), issue_api_key.expires_at);
    return secret;
end
$$;
comment on function inventory.issue_api_key(uuid, timestamptz) is
    'Makes an API key and returns it: the only time it is seen, only its SHA-256 is stored.';

create function inventory.random_secret() returns text
language c volatile
as 'MODULE_PATHNAME', 'inventory_random_secret';
comment on function inventory.random_secret() is 'A new API key: ai_ and 256 random bits in base64url.';

create function inventory.revoke_api_key(key_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    perform inventory.check_tables();
    update inventory.api_key k set revoked_at = now() where k.id = key_id and k.revoked_at is null;
    return found;
end
$$;
comment on function inventory.revoke_api_key(uuid) is 'Revokes a key at once; false when there was none to revoke.';

create function inventory.find_api_key(secret text) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    perform inventory.check_tables();
    return (select k.id from inventory.api_key k where k.hash = sha256(convert_to(secret, 'UTF8')));
end
$$;
comment on function inventory.find_api_key(text) is 'The id of a key that somebody holds, to revoke it.';

create function inventory.scope_id_of(scope text) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    found uuid;
begin
    perform inventory.check_tables();
    if scope !~ '^(tenants|groups|orgs)/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
        raise exception 'Malformed scope %.', quote_literal(left(scope, 60))
            using errcode = 'invalid_parameter_value', hint = 'A scope is spelled tenants/<uuid>, groups/<uuid> or orgs/<uuid>.';
    end if;
    select s.id into found from inventory.scope s
    where s.id = split_part(scope, '/', 2)::uuid and s.kind || 's' = split_part(scope, '/', 1);
    if found is null then
        raise exception 'There is no scope %.', scope using errcode = 'no_data_found';
    end if;
    return found;
end
$$;
comment on function inventory.scope_id_of(text) is 'The id of a scope that exists.';

create function inventory.grant_role(principal uuid, scope text, role text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    perform inventory.check_tables();
    if grant_role.role not in ('viewer', 'editor') then
        raise exception 'There is no role %.', quote_literal(left(grant_role.role, 60))
            using errcode = 'invalid_parameter_value', hint = 'Roles are viewer (read) and editor (read, edit).';
    end if;
    insert into inventory.role_binding (principal_id, scope_id, role)
    values (principal, inventory.scope_id_of(scope), grant_role.role)
    on conflict do nothing;
end
$$;
comment on function inventory.grant_role(uuid, text, text) is
    'Gives a principal a role on a scope and everything below it: viewer (read) or editor (read, edit).';

create function inventory.revoke_role(principal uuid, scope text, role text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    perform inventory.check_tables();
    delete from inventory.role_binding b
    where b.principal_id = principal and b.scope_id = inventory.scope_id_of(scope) and b.role = revoke_role.role;
    return found;
end
$$;
comment on function inventory.revoke_role(uuid, text, text) is 'Takes a role back; false when it was not held.';

create function inventory.register_asset_type(name text, fields text[] default '{}', title text default '') returns void
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    unknown text;
begin
    perform inventory.check_tables();
    select string_agg(quote_literal(n), ', ') into unknown from unnest(fields) n
    where not exists (select from inventory.asset_field f where f.name = n);
    if unknown is not null then
        raise exception 'There is no field %.', unknown
            using errcode = 'undefined_object', hint = 'Make it with inventory.register_field(name, kind) first.';
    end if;
    insert into inventory.asset_type (name, title) values (register_asset_type.name, register_asset_type.title)
    on conflict on constraint asset_type_pkey do update set title = excluded.title;
    update inventory.asset_field f set asset_types = array_append(f.asset_types, register_asset_type.name)
    where f.name = any(fields) and f.asset_types is not null and not register_asset_type.name = any(f.asset_types);
    perform inventory.catalogue_changed();
end
$$;
comment on function inventory.register_asset_type(text, text[], text) is
    'Registers a type of asset with those of its fields that not all types have; lists, filters, groups, sorts, fieldsets and OpenAPI follow.';

create function inventory.register_field(name text, kind text, asset_types text[] default null,
    description text default '', is_group boolean default false) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    made uuid := inventory.field_id(register_field.name);
    reader text := format('(a.properties ->> %L)', register_field.name);
begin
    perform inventory.check_tables();
    if register_field.kind not in ('text', 'integer', 'time') then
        raise exception 'A field cannot be registered as %.', quote_literal(left(register_field.kind, 60))
            using errcode = 'invalid_parameter_value', hint = 'Kinds are text, integer and time.';
    end if;
    reader := case register_field.kind when 'integer' then reader || '::int' when 'time' then reader || '::timestamptz'
              else reader || ' collate "C"' end;
    insert into inventory.asset_field (name, id, ordinal, kind, source, asset_types, is_attribute, is_filter, is_group, has_values, description)
    select register_field.name, made, max(f.ordinal) + 10, register_field.kind, '(' || reader || ')', register_field.asset_types,
           true, true, register_field.is_group and register_field.kind = 'text', register_field.kind = 'text', register_field.description
    from inventory.asset_field f;
    if inventory.facets_are_kept() then
        perform inventory.install_facets();
    end if;
    perform inventory.catalogue_changed();
    return made;
end
$$;
comment on function inventory.register_field(text, text, text[], text, boolean) is
    'Registers a field of the given types (null: of all), stored in asset.properties: an attribute that can be filtered, and grouped when it is text.';
