-- Step 3: searches and their results. No foreign key between the two: a check for
-- each of 100,000 rows costs more than finding them; purge_searches() keeps them in step.

create function inventory.migration_003_searches() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    create table inventory.search (
        tenant_id uuid not null,
        id uuid not null default gen_random_uuid(),
        scope text collate "C" not null
            check (scope ~ '^(tenants|groups|orgs)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
        seen_in uuid,
        principal_id uuid,
        filter text,
        sort text collate "C" not null,
        page_limit int not null check (page_limit between 10 and 100),
        meta_count text check (meta_count in ('with', 'only')),
        capacity int not null check (capacity > 0),
        state text collate "C" not null default 'queued'
            check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
        attempts int not null default 0,
        worker_pid int,
        found int,
        is_truncated boolean not null default false,
        error_code text collate "C",
        error_sqlstate text collate "C",
        created_at timestamptz not null default clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz,
        expires_at timestamptz not null,
        primary key (tenant_id, id),
        constraint search_scope check ((seen_in is null) = (scope = 'tenants/' || tenant_id::text)),
        constraint search_outcome check ((state = 'done') = (found is not null) and (state = 'failed') = (error_code is not null))
    );
    create index search_expiry_idx on inventory.search (tenant_id, expires_at);
    create index search_queue_idx on inventory.search (tenant_id, created_at) where state in ('queued', 'running');
    comment on table inventory.search is 'Searches (operations 5 and 6). SQL users read inventory.search_queue.';

    -- `rank` is the place in the order that the search was made with: pages in that
    -- order are ranges of an index, however many assets were found.
    create table inventory.search_result (
        tenant_id uuid not null,
        search_id uuid not null,
        rank int not null,
        asset_id uuid not null,
        primary key (tenant_id, search_id, asset_id)
    );
    create index search_result_rank_idx on inventory.search_result (tenant_id, search_id, rank) include (asset_id);
    -- Written once, read, deleted together: the dead rows of one large search are worth a vacuum.
    alter table inventory.search_result set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000);
    comment on table inventory.search_result is 'What a search found: ids, in its order. Attributes are read live.';

    create view inventory.search_queue with (security_barrier) as
    select q.tenant_id, q.id, q.scope, q.state, q.filter, q.sort, q.found, q.is_truncated, q.error_code, q.error_sqlstate,
           q.attempts, q.worker_pid, q.created_at, q.started_at, q.finished_at, q.expires_at
    from inventory.search q
    where pg_has_role(current_user, (select e.extowner from pg_extension e where e.extname = 'asset_inventory'), 'usage')
       or exists (
            select from inventory.scope s
            join inventory.role_binding b on b.scope_id in (s.id, s.group_id, s.tenant_id)
            join inventory.principal p on p.id = b.principal_id
            join pg_roles r on r.rolname = p.db_role
            where s.id = coalesce(q.seen_in, q.tenant_id) and pg_has_role(current_user, r.oid, 'usage'));
    comment on view inventory.search_queue is
        'The searches of the scopes that the calling role may read: queued, running, done, failed, cancelled. See cancel_search.';
end
$migration$;
comment on function inventory.migration_003_searches() is 'Step 3 of inventory.migrate().';
