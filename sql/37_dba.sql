-- What a DBA works with: row security for those who read the tables themselves, keys,
-- retention, shapes of requests, health.

-- ---- row security ----

-- The API's functions run as the owner of the tables, whom no policy concerns. Everybody
-- else sees what a principal of theirs may read. A policy has no sub-select, which a
-- distributed table would refuse; its functions are, like those of 12_asset_functions.sql,
-- no members of the extension: without it, the tables stay guarded.

create function inventory.install_row_security() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $install$
declare
    -- A tenant's row that shows something of all of its assets.
    of_tenant constant text := 'tenant_id = any (inventory.readable_scopes())';
    of_asset constant text := 'tenant_id = any (inventory.readable_tenants()) '
        'and (' || of_tenant || ' or scope_ids && inventory.readable_scopes())';
    target record;
begin
    create or replace function inventory.scopes_of(role oid, out scopes uuid[], out tenants uuid[])
        language sql stable strict parallel safe security definer set search_path = pg_catalog, inventory, pg_temp
        as $sql$
            select coalesce(array_agg(b.scope_id), '{}'), coalesce(array_agg(distinct s.tenant_id), '{}')
            from inventory.principal p
            join pg_roles r on r.rolname = p.db_role and pg_has_role(scopes_of.role, r.oid, 'usage')
            join inventory.role_binding b on b.principal_id = p.id
            join inventory.scope s on s.id = b.scope_id
        $sql$;
    create or replace function inventory.readable_scopes() returns uuid[]
        language c stable parallel safe as '$libdir/asset_inventory', 'inventory_readable_scopes';
    create or replace function inventory.readable_tenants() returns uuid[]
        language c stable parallel safe as '$libdir/asset_inventory', 'inventory_readable_tenants';
    comment on function inventory.scopes_of(oid) is
        'The scopes that the principals of a database role hold a role on, and the tenants these are of. Internal.';
    comment on function inventory.readable_scopes() is
        'The scopes (tenants, groups, orgs) that the current role holds a role on; looked up once a statement. Policies use it.';
    comment on function inventory.readable_tenants() is
        'The tenants in which the current role may read something; looked up once a statement. Policies use it.';

    -- A table without a policy is the owner''s alone, whatever was granted on it.
    for target in
        select c.oid, c.relname, c.relrowsecurity, t.policy
        from (values ('asset', of_asset), ('asset_change', of_tenant), ('search', of_tenant), ('search_result', of_tenant),
                     ('facet', of_tenant), ('facet_delta', of_tenant), ('idempotency_key', null)) t (name, policy)
        join pg_class c on c.relname = t.name and c.relnamespace = 'inventory'::regnamespace
    loop
        -- Both lock out readers, so only where it is missing.
        if target.policy is not null
           and not exists (select from pg_policy p where p.polrelid = target.oid and p.polname = 'readers') then
            execute format('create policy readers on inventory.%I for select using (%s)', target.relname, target.policy);
        end if;
        if not target.relrowsecurity then
            execute format('alter table inventory.%I enable row level security', target.relname);
        end if;
    end loop;
end
$install$;
comment on function inventory.install_row_security() is
    'Makes the policies of the tenant tables and the functions that they use; idempotent, part of migrate().';
