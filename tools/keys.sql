-- The demo's principals: prints the lines of build/demo.env that hold their keys.

do $$
begin
    if not exists (select from pg_roles where rolname = 'demo_proxy') then
        create role demo_proxy login in role inventory_proxy;
    end if;
end
$$;

select inventory.create_principal('demo editor') as editor,
       inventory.create_principal('demo viewer') as viewer,
       inventory.create_principal('other editor') as other_editor \gset

\o /dev/null
select inventory.grant_role(:'editor', 'tenants/' || :'tenant', 'editor'),
       inventory.grant_role(:'viewer', 'tenants/' || :'tenant', 'viewer'),
       inventory.grant_role(:'other_editor', 'tenants/' || :'other', 'editor');
\o

select format(E'TOKEN=%s\nREADER_TOKEN=%s\nOTHER_TOKEN=%s', inventory.issue_api_key(:'editor', null),
              inventory.issue_api_key(:'viewer', null), inventory.issue_api_key(:'other_editor', null));
