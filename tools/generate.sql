-- Stands in for the sample data where that is not at hand: 54,000 made-up images of the same
-- shape and skew, 2,100 of them with one creation time.

create function demo.sha(n int) returns text immutable parallel safe
return encode(sha256(n::text::bytea), 'hex');

-- A number from 0 up to 1, another one for each salt.
create function demo.uniform(n int, salt text) returns float8 immutable parallel safe
return ('x' || substr(md5(salt || n), 1, 7))::bit(28)::int / 268435456.0;

insert into demo.image
select jsonb_build_object(
    'registry', registry,
    'repository', repository,
    'name', regexp_replace(repository, '.*/', ''),
    'tags', case when n % 3 = 0 then '[]' when n % 25 = 1 then jsonb_build_array('latest', version)
                 else jsonb_build_array(version) end,
    'distribution_digests', case when n % 6 = 0 then jsonb_build_array(digest, 'sha256:' || demo.sha(-n / 30))
                                 else jsonb_build_array(digest) end,
    'architectures', case when n % 4 = 0 then jsonb_build_array(
        (array['amd64', 'amd64', 'arm64', 'arm', 's390x'])[1 + n / 4 % 5]) else '[]' end,
    'variant', case when n % 40 = 8 then 'v8' end,
    'os', case when n % 4 = 0 then case when n % 36 = 0 then 'windows' else 'linux' end end,
    'os_version', case when n % 12 = 0 then 'bookworm-slim' end,
    'size_bytes', case when n % 17 = 0 then 4000000 + (n::bigint * 7919 * 1009) % 9000000000 end,
    'created_at', to_jsonb(created_at),
    'created_at_basis', case when n % 4 = 0 then 'image_created' else 'commit_author_date' end,
    'updated_at', case when n % 33 > 0 then to_jsonb(created_at + n % 90 * interval '1 day') end,
    'annotations', case when n % 4 = 1 then jsonb_build_object('operator_package', 'operator-' || n % 211,
                                                               'operator_version', version)
                        when n % 5 = 0 then jsonb_build_object('staging_project', 'staging-' || n % 97)
                        else '{}' end)
from (
    -- Squaring the uniform number makes the first registries and repositories the frequent ones.
    select n,
           (array['docker.io', 'mcr.microsoft.com', 'ghcr.io', 'quay.io', 'k8s.gcr.io', 'registry.k8s.io',
                  'gcr.io', 'registry.example.org', 'icr.io', 'nvcr.io'])[1 + floor(10 * u * u)::int] as registry,
           (array['library', 'dotnet', 'tools', 'operators', 'home'])[1 + r % 5] || '/'
               || case when r % 7 = 0 then 'nightly/' else '' end
               || (array['nginx', 'postgres', 'runtime', 'sdk', 'controller', 'webhook', 'redis'])[1 + r % 7]
               || case when r > 40 then '-' || r else '' end as repository,
           format('%s.%s.%s', n % 9, n % 31, n % 7) as version,
           'sha256:' || demo.sha(n) as digest,
           case when n <= 2100 then timestamptz '2020-06-17 19:23:04Z'
                else timestamptz '2017-08-15 16:40:07Z'
                     + floor(demo.uniform(n, 'created') * 284600000) * interval '1 second'
                     + n % 3 * interval '146 milliseconds' end as created_at
    from generate_series(1, 54000) as n
    cross join lateral (select demo.uniform(n, 'registry') as u) as u
    cross join lateral (select floor(4600 * demo.uniform(n, 'repository') ^ 3)::int as r) as r
) as image;
