/** The columns that a resource object shows, and what orders and addresses it. */
export const columns = [
  'id', 'type', 'class_rank', 'class_locked', 'labels', 'tags', 'registry', 'repository', 'name',
  'config_digest', 'distribution_digests', 'image_tags', 'built_at', 'size_bytes',
  'architecture', 'os', 'config', 'root_fs', 'history', 'risk_score', 'issues_critical',
  'issues_high', 'issues_medium', 'issues_low', 'last_scan', 'last_seen_at', 'created_at',
  'updated_at', 'detail',
].map((it) => `a.${it}`).join(', ');

const classNames = [undefined, 'A', 'B', 'C', 'D'];

// JSON.stringify leaves out what is undefined: an attribute without a value is absent.
const present = (value) => value ?? undefined;

/** RFC 3339 of PostgreSQL's own text of a time in UTC, which keeps the microseconds but not the zeros at their end. */
function time(text) {
  return text === null
    ? undefined
    : text.replace(' ', 'T').replace('+00', 'Z').replace(/\.\d+/, (fraction) => fraction.padEnd(7, '0'));
}

function issues(row) {
  if (row.issues_critical === null) {
    return undefined;
  }
  return {
    critical: row.issues_critical,
    high: present(row.issues_high),
    medium: present(row.issues_medium),
    low: present(row.issues_low),
  };
}

/** The JSON:API resource object of a row. */
export function resource(row, path, version) {
  const rank = row.class_rank;
  return {
    type: row.type,
    id: row.id,
    attributes: {
      class: rank === null
        ? undefined
        : { display_name: classNames[rank], rank, locked: row.class_locked },
      labels: row.labels,
      tags: row.tags,
      registry: present(row.registry),
      repository: present(row.repository),
      name: present(row.name),
      config_digest: present(row.config_digest),
      distribution_digests: present(row.distribution_digests),
      image_tags: row.image_tags,
      built_at: time(row.built_at),
      size_bytes: row.size_bytes === null ? undefined : Number(row.size_bytes),
      architecture: present(row.architecture),
      os: present(row.os),
      config: present(row.config),
      root_fs: present(row.root_fs),
      history: present(row.history),
      risk_score: present(row.risk_score),
      issues: issues(row),
      last_scan: time(row.last_scan),
      last_seen_at: time(row.last_seen_at),
      created_at: time(row.created_at),
      updated_at: time(row.updated_at),
      ...row.detail,
    },
    links: { self: `${path}/${row.id}?version=${version}` },
  };
}
