-- Step 1: scopes, principals, the catalogue, assets.
-- Every key of a tenant table leads with tenant_id, and no tenant table refers to
-- a shared one, so that the schema can be distributed by tenant as it is.

create function inventory.migration_001_base() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
declare
    missing_text text := 'U&''\+10FFFF\+10FFFF''';
begin
    -- ---- shared tables ----

    create table inventory.scope (
        id uuid primary key,
        kind text not null check (kind in ('tenant', 'group', 'org')),
        tenant_id uuid not null references inventory.scope (id),
        group_id uuid references inventory.scope (id),
        name text not null check (length(name) between 1 and 200),
        created_at timestamptz not null default now(),
        constraint scope_shape check (
            case kind when 'tenant' then tenant_id = id and group_id is null
                      when 'group' then tenant_id <> id and group_id is null
                      else tenant_id <> id and group_id is not null end)
    );
    create index scope_tenant_idx on inventory.scope (tenant_id, kind);

    create table inventory.principal (
        id uuid primary key default gen_random_uuid(),
        name text not null unique check (length(name) between 1 and 200),
        db_role name unique,
        created_at timestamptz not null default now()
    );

    create table inventory.api_key (
        id uuid primary key default gen_random_uuid(),
        principal_id uuid not null references inventory.principal (id) on delete cascade,
        hash bytea not null unique check (octet_length(hash) = 32),
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz
    );
    create index api_key_principal_idx on inventory.api_key (principal_id);

    create table inventory.role_binding (
        principal_id uuid not null references inventory.principal (id) on delete cascade,
        scope_id uuid not null references inventory.scope (id) on delete cascade,
        role text not null check (role in ('viewer', 'editor')),
        created_at timestamptz not null default now(),
        primary key (principal_id, scope_id, role)
    );
    create index role_binding_scope_idx on inventory.role_binding (scope_id);

    -- ---- the catalogue: types and fields are data ----

    create table inventory.asset_type (
        name text collate "C" primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
        title text not null default '',
        created_at timestamptz not null default now()
    );

    create table inventory.asset_field (
        name text collate "C" primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
        id uuid not null unique,
        ordinal int not null unique,
        kind text not null check (kind in ('text', 'type', 'class', 'time', 'integer', 'bigint', 'uuid', 'array',
                                           'object', 'search', 'json', 'issues')),
        source text not null,
        total text,
        asset_types text[],
        is_attribute boolean not null default false,
        is_filter boolean not null default false,
        by_key_only boolean not null default false,
        is_group boolean not null default false,
        has_values boolean not null default false,
        sort text check (sort in ('list', 'search')),
        description text not null default ''
    );

    -- ---- assets ----

    create table inventory.asset (
        tenant_id uuid not null,
        id uuid not null default gen_random_uuid(),
        type text collate "C" not null default 'container_images',
        scope_ids uuid[] not null default '{}',
        class_rank int,
        class_locked boolean not null default false,
        labels text[] collate "C" not null default '{}',
        tags jsonb not null default '{}',
        registry text collate "C",
        repository text collate "C",
        name text collate "C",
        url text collate "C",
        scm text collate "C",
        config_digest text collate "C",
        manifest_digests text[] collate "C" not null default '{}',
        index_digests text[] collate "C" not null default '{}',
        image_tags text[] collate "C" not null default '{}',
        image_labels jsonb not null default '{}',
        architecture text collate "C",
        os text collate "C",
        built_at timestamptz,
        size_bytes bigint,
        risk_score int,
        issues_critical int,
        issues_high int,
        issues_medium int,
        issues_low int,
        last_scan timestamptz,
        last_seen_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        distribution_digests json,
        config json,
        root_fs json,
        history json,
        detail json,
        properties jsonb not null default '{}',
        identity uuid not null generated always as (inventory.asset_identity(
            type, registry, repository, config_digest, manifest_digests, url, name)) stored,
        search text collate "default" not null
            generated always as (inventory.asset_search(labels, tags, registry, repository, name,
                                                        manifest_digests, index_digests)) stored,
        primary key (tenant_id, id),
        constraint asset_identity unique (tenant_id, identity),
        constraint asset_class check (class_rank between 1 and 4),
        constraint asset_scopes check (array_position(scope_ids, null) is null),
        constraint asset_labels check (
            cardinality(labels) <= 50 and array_position(labels, null) is null
            and inventory.are_labels(labels)),
        constraint asset_tags check (jsonb_typeof(tags) = 'object' and inventory.are_tags(tags)),
        constraint asset_digests check (
            inventory.are_digests(manifest_digests) and inventory.are_digests(index_digests)
            and inventory.are_digests(array[config_digest])),
        constraint asset_image check (
            type <> 'container_images'
            or (coalesce(registry, '') <> '' and coalesce(repository, '') <> '' and coalesce(name, '') <> ''
                and (config_digest is not null or cardinality(manifest_digests) > 0))),
        constraint asset_texts check (
            octet_length(registry) <= 500 and octet_length(repository) <= 500 and octet_length(name) <= 500
            and octet_length(url) <= 2000 and octet_length(scm) <= 100),
        constraint asset_numbers check (size_bytes >= 0 and risk_score >= 0 and issues_critical >= 0
                                        and issues_high >= 0 and issues_medium >= 0 and issues_low >= 0),
        constraint asset_times check (
            created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
            and updated_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
            and built_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
            and last_scan between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
            and last_seen_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'),
        constraint asset_objects check (jsonb_typeof(image_labels) = 'object' and jsonb_typeof(properties) = 'object')
    ) with (fillfactor = 90);
    -- Inserts alone must not keep index-only scans from working.
    alter table inventory.asset set (autovacuum_vacuum_insert_scale_factor = 0.05,
                                     autovacuum_analyze_scale_factor = 0.02);
    comment on table inventory.asset is
        'The assets of all tenants. Readable as it is; write through upsert_assets, import_assets or update_assets.';

    -- One index a sort field; `id` breaks ties, so each serves both directions.
    -- A sort key is total: a missing value has the greatest rank.
    create index asset_created_at_idx on inventory.asset (tenant_id, created_at, id);
    create index asset_updated_at_idx on inventory.asset (tenant_id, updated_at, id);
    create index asset_type_idx on inventory.asset (tenant_id, type, id);
    create index asset_class_idx on inventory.asset (tenant_id, (coalesce(class_rank, 5)), id);
    execute format('create index asset_registry_idx on inventory.asset (tenant_id, (coalesce(registry, %s)), id)', missing_text);
    execute format('create index asset_repository_idx on inventory.asset (tenant_id, (coalesce(repository, %s)), id)', missing_text);
    execute format('create index asset_name_idx on inventory.asset (tenant_id, (coalesce(name, %s)), id)', missing_text);
    create index asset_built_at_idx on inventory.asset (tenant_id, (coalesce(built_at, 'infinity')), id);
    create index asset_risk_score_idx on inventory.asset (tenant_id, (coalesce(risk_score, 2147483647)), id);
    create index asset_last_scan_idx on inventory.asset (tenant_id, (coalesce(last_scan, 'infinity')), id);
    create index asset_issues_idx on inventory.asset
        (tenant_id, (coalesce(issues_critical, 2147483647)), (coalesce(issues_high, 2147483647)),
         (coalesce(issues_medium, 2147483647)), (coalesce(issues_low, 2147483647)), id);
    create index asset_config_digest_idx on inventory.asset (tenant_id, config_digest) where config_digest is not null;
    perform inventory.restore_indexes();

    -- ---- the first type and the fields ----

    insert into inventory.asset_type (name, title) values ('container_images', 'Container images');

    insert into inventory.asset_field
        (ordinal, name, id, kind, source, total, asset_types, is_attribute, is_filter, by_key_only, is_group, has_values, sort, description)
    select row_number() over () * 10, f.name, inventory.field_id(f.name), f.kind, f.source,
           replace(f.total, 'MISSING', missing_text), f.asset_types,
           f.uses ~ 'a', f.uses ~ 'f', f.uses ~ 'k', f.uses ~ 'g', f.uses ~ 'v', f.sort, f.description
    from (values
        ('class', 'class', 'a.class_rank', 'coalesce(a.class_rank, 5)', null::text[], 'afgv', 'list', 'Business criticality A (highest) to D, with a lock'),
        ('labels', 'array', 'a.labels', null, null, 'afgv', null, 'Free labels'),
        ('tags', 'object', 'a.tags', null, null, 'afgv', null, 'Key-value tags; `tags.<key>` is the value of a key'),
        ('registry', 'text', 'a.registry', 'coalesce(a.registry, MISSING)', '{container_images}', 'afgv', 'list', 'Host of the registry'),
        ('repository', 'text', 'a.repository', 'coalesce(a.repository, MISSING)', '{container_images}', 'afgv', 'search', 'Path of the repository inside the registry'),
        ('name', 'text', 'a.name', 'coalesce(a.name, MISSING)', null, 'afgv', 'list', 'Name; of an image the last part of its repository'),
        ('url', 'text', 'a.url', 'coalesce(a.url, MISSING)', '{}', 'af', 'search', 'Address of the asset'),
        ('scm', 'text', 'a.scm', 'coalesce(a.scm, MISSING)', '{}', 'afgv', 'search', 'Source control system'),
        ('config_digest', 'text', 'a.config_digest', null, '{container_images}', 'af', null, 'Digest of the image configuration'),
        ('distribution_digests', 'json', 'a.distribution_digests', null, '{container_images}', 'a', null, 'Digests of manifest and index in the registry'),
        ('image_tags', 'array', 'a.image_tags', null, '{container_images}', 'a', null, 'Tags of the image in its registry'),
        ('built_at', 'time', 'a.built_at', 'coalesce(a.built_at, ''infinity'')', '{container_images}', 'af', 'list', 'When the image was built'),
        ('size_bytes', 'bigint', 'a.size_bytes', null, '{container_images}', 'af', null, 'Compressed size in bytes'),
        ('author', 'json', 'a.detail -> ''author''', null, '{container_images}', 'a', null, 'Author of the image'),
        ('architecture', 'text', 'a.architecture', null, '{container_images}', 'afgv', null, 'CPU architecture, as Go names it'),
        ('os', 'text', 'a.os', null, '{container_images}', 'afgv', null, 'Operating system'),
        ('variant', 'json', 'a.detail -> ''variant''', null, '{container_images}', 'a', null, 'CPU variant'),
        ('os_version', 'json', 'a.detail -> ''os_version''', null, '{container_images}', 'a', null, 'Version of the operating system'),
        ('os_features', 'json', 'a.detail -> ''os_features''', null, '{container_images}', 'a', null, 'Features of the operating system'),
        ('config', 'json', 'a.config', null, '{container_images}', 'a', null, 'Execution parameters of the image'),
        ('root_fs', 'json', 'a.root_fs', null, '{container_images}', 'a', null, 'Layers of the image'),
        ('history', 'json', 'a.history', null, '{container_images}', 'a', null, 'How each layer was made'),
        ('inferred_base_images', 'json', 'a.detail -> ''inferred_base_images''', null, '{container_images}', 'a', null, 'Images that it seems to be built on'),
        ('teams', 'json', 'a.detail -> ''teams''', null, null, 'a', null, 'Teams that own the asset'),
        ('test_surfaces', 'json', 'a.detail -> ''test_surfaces''', null, null, 'a', null, 'Where the asset is tested'),
        ('risk_score', 'integer', 'a.risk_score', 'coalesce(a.risk_score, 2147483647)', null, 'af', 'list', 'Risk score'),
        ('issues', 'issues', 'a.issues_critical', 'coalesce(a.issues_critical, 2147483647), coalesce(a.issues_high, 2147483647), coalesce(a.issues_medium, 2147483647), coalesce(a.issues_low, 2147483647)', null, 'a', 'list', 'Number of issues by severity'),
        ('scan_engines', 'json', 'a.detail -> ''scan_engines''', null, null, 'a', null, 'Engines that scanned the asset'),
        ('last_scan', 'time', 'a.last_scan', 'coalesce(a.last_scan, ''infinity'')', null, 'af', 'list', 'When the asset was scanned last'),
        ('last_seen_at', 'time', 'a.last_seen_at', null, null, 'a', null, 'When the asset was seen last'),
        ('created_at', 'time', 'a.created_at', 'a.created_at', null, 'af', 'list', 'When the asset came into the inventory'),
        ('updated_at', 'time', 'a.updated_at', 'a.updated_at', null, 'af', 'list', 'When the asset was changed last'),
        ('q', 'search', 'a.search', null, null, 'f', null, 'Case-insensitive substring of labels, tags, registry, repository, name and distribution digests'),
        ('id', 'uuid', 'a.id', 'a.id', null, 'f', null, 'Id of the asset'),
        ('type', 'type', 'a.type', 'a.type', null, 'fgv', 'list', 'Type of the asset'),
        ('image_tag', 'array', 'a.image_tags', null, '{container_images}', 'fgv', null, 'A tag of the image in its registry'),
        ('manifest_digest', 'array', 'a.manifest_digests', null, '{container_images}', 'f', null, 'Digest of a manifest'),
        ('index_digest', 'array', 'a.index_digests', null, '{container_images}', 'f', null, 'Digest of a multi-platform index'),
        ('image_labels', 'object', 'a.image_labels', null, '{container_images}', 'fkv', null, 'Labels in the image configuration; `image_labels.<key>` is the value of a key')
    ) as f (name, kind, source, total, asset_types, uses, sort, description);
end
$migration$;
