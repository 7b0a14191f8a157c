-- Step 2: what updates write beside the assets.

create function inventory.migration_002_updates() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    -- The key serves the history of an asset, the index that of a period.
    create table inventory.asset_change (
        tenant_id uuid not null,
        id uuid not null default gen_random_uuid(),
        asset_id uuid not null,
        changed_at timestamptz not null,
        principal_id uuid,
        db_role name not null default session_user,
        request_id uuid not null,
        before jsonb not null check (jsonb_typeof(before) = 'object'),
        after jsonb not null check (jsonb_typeof(after) = 'object'),
        primary key (tenant_id, asset_id, changed_at, id)
    );
    create index asset_change_changed_at_idx on inventory.asset_change (tenant_id, changed_at);
    comment on table inventory.asset_change is
        'Every change that update_asset, update_assets and PATCH requests made, one row an asset; nothing changes a row. '
        'Remove old ones with delete … where changed_at < …, as the owner.';
    comment on column inventory.asset_change.principal_id is 'Who changed it; null for the owner of the extension.';
    comment on column inventory.asset_change.db_role is 'The database role whose session it was: the proxy''s for REST.';
    comment on column inventory.asset_change.request_id is 'snyk-request-id of the request; one of its own for an SQL call.';
    comment on column inventory.asset_change.before is 'class, labels and tags, those of them that changed, before it.';
    comment on column inventory.asset_change.after is 'The same, after it.';

    create view inventory.asset_audit as
    select c.changed_at, c.tenant_id, c.asset_id, c.principal_id, p.name as principal, c.db_role, c.request_id, c.before, c.after
    from inventory.asset_change c left join inventory.principal p on p.id = c.principal_id;
    comment on view inventory.asset_audit is
        'The changes of assets with the names of who made them: name the tenant (and asset_id) and order by changed_at.';

    create table inventory.idempotency_key (
        tenant_id uuid not null,
        principal_id uuid not null,
        route text collate "C" not null,
        key text collate "C" not null check (octet_length(key) between 1 and 255),
        body_hash bytea not null check (octet_length(body_hash) = 32),
        created_at timestamptz not null,
        expires_at timestamptz not null,
        status int,
        headers text,
        body text,
        primary key (tenant_id, principal_id, route, key)
    );
    create index idempotency_key_expires_at_idx on inventory.idempotency_key (tenant_id, expires_at);
    comment on table inventory.idempotency_key is
        'Answers that are given again to a repeat of the request (header idempotency-key), until expires_at.';
    comment on column inventory.idempotency_key.status is 'With headers and body the answer; null only within the transaction that takes the key.';
end
$migration$;
