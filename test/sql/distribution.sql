-- The tables can be distributed by tenant as they are: each rule is a query of violations, and no
-- row may come. A table without tenant_id is small and shared, so every node can hold all of it.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh

create temp view owned as
select c.oid, c.oid::regclass as name, a.attnum as tenant, a.atttypid, a.attnotnull, c.relpersistence
from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relnamespace = 'inventory'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition;
-- scope names the tenant of each of its rows, yet is shared: requests resolve a tenant from it.
create temp view tenant_table as select * from owned where tenant is not null and name <> 'inventory.scope'::regclass;
create temp view shared_table as select * from owned where tenant is null or name = 'inventory.scope'::regclass;

-- The tables that hold most are tenant tables; the shared ones are known.
select name from tenant_table where name = 'inventory.asset'::regclass;
select name as shared from shared_table
where name::text not in ('inventory.scope', 'inventory.principal', 'inventory.api_key', 'inventory.role_binding', 'inventory.api_key_use', 'inventory.asset_type', 'inventory.asset_field', 'inventory.facet_field', 'inventory.migration');

-- tenant_id is a uuid and never null; it leads every key and every index.
select name as tenant_id_is_no_key from tenant_table where atttypid <> 'uuid'::regtype or not attnotnull;
select t.name as without_primary_key from owned t where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary);
select i.indexrelid::regclass as does_not_lead_with_tenant from tenant_table t join pg_index i on i.indrelid = t.oid where i.indkey[0] <> t.tenant
    and not (i.indkey[0] = 0 and pg_get_indexdef(i.indexrelid, 1, true) ~ 'tenant_id');

-- Foreign keys: between tenant tables they pair tenant with tenant; between the kinds there are none.
select k.conname as does_not_pair_tenants from pg_constraint k join tenant_table f on f.oid = k.conrelid join tenant_table p on p.oid = k.confrelid
where k.contype = 'f' and not exists (select from unnest(k.conkey, k.confkey) pair (ours, theirs) where pair.ours = f.tenant and pair.theirs = p.tenant);
select k.conname as crosses_kinds from pg_constraint k join owned f on f.oid = k.conrelid join owned p on p.oid = k.confrelid
where k.contype = 'f' and (f.name in (select name from tenant_table)) <> (p.name in (select name from tenant_table));
select k.conname as sets_tenant from pg_constraint k join tenant_table f on f.oid = k.conrelid
where k.contype = 'f' and f.tenant = any (k.conkey) and (k.confdeltype in ('n', 'd') or k.confupdtype in ('n', 'd'));

-- What a distributed table refuses: triggers (but the facets', which can be off), rules, narrow sequences, unlogged tables, policies that read other tables.
select g.tgrelid::regclass as triggers, g.tgname from pg_trigger g join owned t on t.oid = g.tgrelid where not g.tgisinternal and g.tgname !~ 'facet';
select r.ev_class::regclass as rules from pg_rewrite r join owned t on t.oid = r.ev_class;
select t.name as narrow_sequence, a.attname from owned t join pg_attribute a on a.attrelid = t.oid left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
where a.atttypid in ('int2'::regtype, 'int4'::regtype) and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%');
select name as not_permanent from owned where relpersistence <> 'p';
select p.polname as reads_tables from pg_policy p join tenant_table t on t.oid = p.polrelid where concat(p.polqual::text, p.polwithcheck::text) like '%{SUBLINK%';

-- The tables are not the extension's, nor do they need anything that goes with it.
select t.name as member from owned t join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e';
select distinct t.name as needs_the_extension, d.refobjid::regprocedure from owned t join pg_depend d on (d.objid = t.oid and d.classid = 'pg_class'::regclass)
    or (d.classid in ('pg_attrdef'::regclass) and d.objid in (select x.oid from pg_attrdef x where x.adrelid = t.oid))
    or (d.classid in ('pg_constraint'::regclass) and d.objid in (select k.oid from pg_constraint k where k.conrelid = t.oid))
join pg_depend e on e.classid = d.refclassid and e.objid = d.refobjid and e.deptype = 'e' join pg_extension x on x.oid = e.refobjid and x.extname = 'asset_inventory';

-- A function that could run whole on the tenant's node: one of its name, strict, uuid first, no SQL language, no procedure.
select p.oid::regprocedure as not_delegable from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = 'inventory'::regnamespace and p.proargnames[1] = 'tenant'
  and (p.proargtypes[0] <> 'uuid'::regtype or l.lanname = 'sql' or p.prokind = 'p' or not p.proisstrict);
select p.proname as more_than_one from pg_proc p where p.pronamespace = 'inventory'::regnamespace and p.proargnames[1] = 'tenant' group by p.proname having count(*) > 1;
