create type inventory.asset_record as (
    tenant_id uuid, id uuid, type text, class text, class_locked boolean, labels text[], tags jsonb,
    registry text, repository text, name text, url text, scm text,
    config_digest text, manifest_digests text[], index_digests text[], image_tags text[], image_labels jsonb,
    architecture text, os text, built_at timestamptz, size_bytes bigint, risk_score int,
    issues_critical int, issues_high int, issues_medium int, issues_low int,
    last_scan timestamptz, last_seen_at timestamptz, created_at timestamptz, updated_at timestamptz,
    scope_ids uuid[]
);
comment on type inventory.asset_record is 'A row of find_assets: an asset as columns, to join and aggregate.';

create type inventory.rest_response as (status int, headers text, body text);
comment on type inventory.rest_response is 'An HTTP answer: status, header lines `name: value` closed by LF, body.';
