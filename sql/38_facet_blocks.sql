-- Blocks of facets: which of the many values of a field may hold a term.
--
-- The dictionary is in order by value, as autocomplete lists it, but a term may begin
-- anywhere. A block stands for a few hundred values that follow each other, and says by a
-- signature (core/gram_signature.hpp) which parts they have: reading in order skips the
-- blocks that cannot hold the term. Whoever writes inventory.facet keeps the blocks,
-- one at a time a tenant. A signature may say too much (of values that are gone), never
-- too little.

create function inventory.gram_signature("values" text[], base bytea default null) returns bytea
language c immutable parallel safe
as 'MODULE_PATHNAME', 'inventory_gram_signature';
comment on function inventory.gram_signature(text[], bytea) is 'The signature of lower-case texts, added to that of others. Internal.';

create function inventory.term_grams(term text) returns bytea
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_term_grams';
comment on function inventory.term_grams(text) is 'What the signature of texts must have if one holds a lower-case term. Internal.';

create function inventory.may_hold(signature bytea, grams bytea) returns boolean
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_may_hold';
comment on function inventory.may_hold(bytea, bytea) is 'Whether a text of the signature may hold the term of these grams. Internal.';

-- What lower(value) like '%term%' says; folding by the C library took a third of autocomplete.
create function inventory.holds_term(value text, term text) returns boolean
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_holds_term';
comment on function inventory.holds_term(text, text) is 'Whether a text, folded by the database''s collation, holds a lower-case term. Internal.';

create function inventory.divide_facets(of_tenant uuid, of_scope uuid, of_field text, of_type text,
                                        from_key text default '', from_value text default '',
                                        -- Keys are empty or begin with a colon.
                                        until_key text default ';', until_value text default '') returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    delete from inventory.facet_block b
    where b.tenant_id = of_tenant and b.scope_id = of_scope and b.field = of_field and b.type = of_type
      and (b.key, b.value) >= (from_key, from_value) and (b.key, b.value) < (until_key, until_value);
    insert into inventory.facet_block (tenant_id, scope_id, field, type, key, value, n, grams)
    select of_tenant, of_scope, of_field, of_type,
           case g.block when 0 then from_key else g.keys[1] end, case g.block when 0 then from_value else g.values[1] end,
           cardinality(g.values), inventory.gram_signature(g.folded)
    from (
        select f.block, array_agg(f.key order by f.place) as keys, array_agg(f.value order by f.place) as values,
               array_agg(lower(f.value collate "default")) as folded
        from (select f.key, f.value, f.place, (f.place - 1) / 256 as block
              from (select f.key, f.value, row_number() over (order by f.key, f.value) as place
                    from inventory.facet f
                    where f.tenant_id = of_tenant and f.scope_id = of_scope and f.field = of_field and f.type = of_type
                      and (f.key, f.value) >= (from_key, from_value) and (f.key, f.value) < (until_key, until_value)) f) f
        group by f.block
    ) g;
    -- The first block has whatever comes before the second.
    if from_key = '' and from_value = '' then
        insert into inventory.facet_block (tenant_id, scope_id, field, type, key, value, n, grams)
        values (of_tenant, of_scope, of_field, of_type, '', '', 0, inventory.gram_signature('{}'))
        on conflict do nothing;
    end if;
end
$$;
comment on function inventory.divide_facets(uuid, uuid, text, text, text, text, text, text) is
    'Makes the blocks of a part of a list of facets anew. Internal; under inventory.facet_lock().';

create function inventory.divide_full_blocks(of_tenant uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    most_values constant int := 512;
    full_block record;
begin
    for full_block in
        select b.scope_id, b.field, b.type, b.key, b.value, coalesce(f.key, ';') as until_key, coalesce(f.value, '') as until_value
        from inventory.facet_block b
        left join lateral (
            select f.key, f.value from inventory.facet_block f
            where f.tenant_id = b.tenant_id and f.scope_id = b.scope_id and f.field = b.field and f.type = b.type
              and (f.key, f.value) > (b.key, b.value)
            order by f.key, f.value limit 1) f on true
        where b.tenant_id = of_tenant and b.n > most_values
    loop
        perform inventory.divide_facets(of_tenant, full_block.scope_id, full_block.field, full_block.type, full_block.key, full_block.value,
                                        full_block.until_key, full_block.until_value);
    end loop;
end
$$;
comment on function inventory.divide_full_blocks(uuid) is 'Divides the blocks of facets that have grown too large. Internal; under inventory.facet_lock().';

create function inventory.is_long_list(of_tenant uuid, of_scope uuid, of_field text, of_type text) returns boolean
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select exists (
        select from inventory.facet f
        where f.tenant_id = of_tenant and f.scope_id = of_scope and f.field = of_field and f.type = of_type
        offset 1024)
$$;
comment on function inventory.is_long_list(uuid, uuid, text, text) is 'Whether a list of facets has so many values that it needs blocks. Internal.';

create function inventory.arrange_facets(of_tenant uuid, fields text[] default null) returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    delete from inventory.facet_block b where b.tenant_id = of_tenant and (fields is null or b.field = any(fields));
    perform inventory.divide_facets(of_tenant, l.scope_id, l.field, l.type)
    -- The fence has the lists asked once each, not once a value.
    from (select distinct f.scope_id, f.field, f.type from inventory.facet f
          where f.tenant_id = of_tenant and f.field not in ('', '#') and (fields is null or f.field = any(fields)) offset 0) l
    where inventory.is_long_list(of_tenant, l.scope_id, l.field, l.type);
end
$$;
comment on function inventory.arrange_facets(uuid, text[]) is
    'Makes the blocks of some fields (null: all) of a tenant anew. Internal; under inventory.facet_lock().';
