-- Updates of assets, for SQL clients, and what they leave behind.

create function inventory.update_asset(scope text, asset_id uuid, document json) returns json
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_update_asset';
comment on function inventory.update_asset(text, uuid, json) is
    'Updates class, labels or tags of one asset: {"data": {"type", "id", "attributes"}}. Returns the asset as a JSON:API document.';

create function inventory.update_assets(scope text, document json) returns void
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_update_assets';
comment on function inventory.update_assets(text, json) is
    'Updates 1 to 100 assets, all or none: {"data": [{"type", "id", "attributes"}]}.';

create function inventory.purge_idempotency_keys() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    tenant uuid;
    removed bigint;
    total bigint := 0;
begin
    for tenant in select s.id from inventory.scope s where s.kind = 'tenant' loop
        delete from inventory.idempotency_key k where k.tenant_id = tenant and k.expires_at <= now();
        get diagnostics removed = row_count;
        total := total + removed;
    end loop;
    return total;
end
$$;
comment on function inventory.purge_idempotency_keys() is
    'Forgets the idempotency keys whose time is over; returns how many. The worker calls it; it may run at any time.';
