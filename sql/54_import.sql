-- Bulk loads from a staging table. A chunk is a range of its blocks: read, written with
-- one statement, and, by the procedure, taken off the staging table and committed.

create function inventory.check_staging(source regclass, privileges text[]) returns void
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    wanted text;
begin
    foreach wanted in array privileges loop
        if not has_table_privilege(session_user, source, wanted) then
            raise exception 'You may not % %.', case wanted when 'select' then 'read' else 'delete from' end, source
                using errcode = 'insufficient_privilege';
        end if;
    end loop;
    if not exists (select from pg_attribute t where t.attrelid = source and t.attname = 'asset'
                   and t.atttypid in ('jsonb'::regtype, 'json'::regtype) and not t.attisdropped) then
        raise exception 'The staging table % has no column asset of type jsonb.', source
            using errcode = 'undefined_column', hint = 'create table staging (asset jsonb); one asset a row.';
    end if;
    if (select c.relkind from pg_class c where c.oid = source) not in ('r', 'm') then
        raise exception '% is no table with rows of its own.', source
            using errcode = 'wrong_object_type', hint = 'Name a plain table, or the partitions one by one.';
    end if;
    -- It is read as the owner of this function, whom no policy binds.
    if exists (select from pg_class c where c.oid = source and c.relrowsecurity
               and (c.relforcerowsecurity or not pg_has_role(session_user, c.relowner, 'usage'))) then
        raise exception 'The staging table % has policies for its rows.', source
            using errcode = 'insufficient_privilege', hint = 'Copy the rows that you may read into a table of your own.';
    end if;
end
$$;
comment on function inventory.check_staging(regclass, text[]) is
    'Raises what keeps a table from being imported: privileges that the session''s user has not, its columns, its kind, policies.';

create function inventory.staging_blocks(source regclass) returns bigint
language sql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
    select pg_relation_size(source) / current_setting('block_size')::bigint
$$;
comment on function inventory.staging_blocks(regclass) is 'How many blocks a table has now.';

create function inventory.import_rows(of_tenant uuid, seen_in uuid[], source regclass, condition text, places tid[] default null) returns bigint
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set jit = off
-- Plans fit the size that the tables have now.
set plan_cache_mode = force_custom_plan
-- GIN indexes merge what is new in few large parts, and in this much memory.
set gin_pending_list_limit = '64MB'
set work_mem = '128MB'
as $$
declare
    state text;
    message text;
    constraint_at_fault text;
    fault record;
begin
    return coalesce(cardinality((inventory.place_assets(of_tenant, coalesce(inventory.read_assets(
        format('select s.asset::jsonb, row_number() over () from only %s s where %s', source, condition), of_tenant, seen_in, places => places), '{}'))).ids), 0);
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    get stacked diagnostics state = returned_sqlstate, message = message_text, constraint_at_fault = constraint_name;
    execute format('select s.ctid, c.rejected, count(*) over () as n from (
            select row_number() over (order by s.ctid) as n, s.ctid, s.asset::jsonb from only %s s where %s) s
        join inventory.check_mapped((select array_agg(row(row_number, asset, null)::inventory.mapped_asset) from (
            select row_number() over (order by s.ctid), s.asset::jsonb from only %1$s s where %2$s) m), $1) c on c.n = s.n
        where c.rejected is not null order by s.ctid limit 1', source, replace(condition, '$7', '$2')) into fault using of_tenant, places;
    raise exception '%', message using errcode = state, constraint = constraint_at_fault,
        detail = case when fault.rejected is not null
                      then format('%s of the chunk''s assets are wrong, the first at ctid %s: %s.', fault.n, fault.ctid, fault.rejected) end,
        hint = 'inventory.check_assets() lists all that are wrong. Mend or delete them in the staging table, and import again.';
end
$$;
comment on function inventory.import_rows(uuid, uuid[], regclass, text, tid[]) is
    'Writes the assets of those rows of a staging table that a condition (our own text, $7 the places) selects; says which is wrong.';

create function inventory.import_progress(source regclass, done bigint, total bigint, written bigint, since timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    seconds constant double precision := greatest(extract(epoch from clock_timestamp() - since), 0.001);
begin
    raise notice '%: % of % blocks, % assets, % a second, about % left', source, done, total, written,
        round(written / seconds), make_interval(secs => round(seconds * (total - done) / greatest(done, 1)));
end
$$;
comment on function inventory.import_progress(regclass, bigint, bigint, bigint, timestamptz) is 'Tells how far an import is.';

create function inventory.import_assets(scope text, source regclass) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    target record := inventory.resolve_scope(scope, true);
    seen_in uuid[] := inventory.scopes_above(target.id);
    -- Blocks of the staging table a chunk; bounds the memory of one statement.
    step constant bigint := 1024;
    since constant timestamptz := clock_timestamp();
    blocks bigint;
    written bigint := 0;
begin
    perform inventory.check_staging(source, '{select}');
    blocks := inventory.staging_blocks(source);
    for block in 0 .. greatest(blocks - 1, 0) by step loop
        written := written + inventory.import_rows(target.tenant_id, seen_in, source,
            format('s.ctid >= ''(%s,0)'' and s.ctid < ''(%s,0)''', block, block + step));
        if blocks > step then
            perform inventory.import_progress(source, least(block + step, blocks), blocks, written, since);
        end if;
    end loop;
    return written;
end
$$;
comment on function inventory.import_assets(text, regclass) is
    'Writes the assets of a staging table with a column `asset jsonb`, filled with COPY, in one transaction. Returns how many it wrote.';

create function inventory.import_chunk(scope text, source regclass, first_block bigint, blocks int, out written bigint, out places tid[])
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    target record := inventory.resolve_scope(scope, true);
begin
    perform inventory.check_staging(source, '{select,delete}');
    execute format('select coalesce(array_agg(r.ctid), ''{}'') from (select s.ctid from only %s s where s.ctid >= ''(%s,0)'' and s.ctid < ''(%s,0)'' '
                   'for update skip locked) r', source, first_block, first_block + blocks) into places;
    written := case when cardinality(places) = 0 then 0
                    else inventory.import_rows(target.tenant_id, inventory.scopes_above(target.id), source, 's.ctid = any($7)', places) end;
end
$$;
comment on function inventory.import_chunk(text, regclass, bigint, int) is
    'Locks the rows in those blocks of a staging table, but for those that another session has, and writes their assets; '
    'the caller deletes them, with the caller''s own rights, in the same transaction.';

create procedure inventory.import_assets_in_chunks(scope text, source regclass, blocks int default 1024)
language plpgsql
as $$
declare
    since constant timestamptz := clock_timestamp();
    -- What arrives meanwhile is for the next call.
    total constant bigint := inventory.staging_blocks(source);
    block bigint := 0;
    written bigint := 0;
    part record;
    is_rest boolean;
begin
    if blocks is null or blocks not between 1 and 65536 then
        raise exception 'A chunk has 1 to 65536 blocks, not %.', coalesce(blocks::text, 'null')
            using errcode = 'invalid_parameter_value', hint = '1024, some ten thousand assets, is right for most.';
    end if;
    -- Within a transaction this fails, before anything is done.
    commit;
    -- Once for an empty table too, for what is wrong with the arguments.
    loop
        part := inventory.import_chunk(scope, source, block, blocks);
        -- Not in import_chunk: the triggers of the table would run as its owner.
        execute pg_catalog.format('delete from only %s s where s.ctid = any($1)', source) using part.places;
        commit;
        written := written + part.written;
        block := block + blocks;
        if part.places <> '{}' then
            perform inventory.import_progress(source, least(block, total), total, written, since);
        end if;
        exit when block >= total;
    end loop;
    execute pg_catalog.format('select exists (select from only %s)', source) into is_rest;
    if is_rest then
        raise notice '%: some rows are left, new ones or those of another session; call again until none is', source;
    end if;
end
$$;
comment on procedure inventory.import_assets_in_chunks(text, regclass, int) is
    'import_assets that takes what it wrote off the staging table and commits, a chunk of so many blocks at a time: interrupted, it goes on where it stood when it is called again. '
    'Several sessions may call it at once and share the work. Call it outside of a transaction.';
