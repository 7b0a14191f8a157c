import { createHash } from 'node:crypto';

const keptFor = 10_000; // milliseconds
const keptAtMost = 10_000;
const kept = new Map();

const lookUp = `
  select exists (
    select from inventory.api_key k
    join inventory.role_binding b on b.principal_id = k.principal_id
    where k.hash = $1 and b.scope_id = $2 and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())) as is_allowed`;

/** Whether an Authorization header may read a tenant; asks the database every ten seconds. */
export async function mayRead(pool, header, tenant) {
  const key = /^token (.+)$/i.exec(header ?? '')?.[1];
  if (key === undefined) {
    return false;
  }
  const name = `${key} ${tenant}`;
  const found = kept.get(name);
  if (found !== undefined && found.until > Date.now()) {
    return found.isAllowed;
  }
  const hash = createHash('sha256').update(key).digest();
  const { rows } = await pool.query({ name: 'access', text: lookUp, values: [hash, tenant] });
  if (kept.size >= keptAtMost) {
    kept.clear();
  }
  kept.set(name, { isAllowed: rows[0].is_allowed, until: Date.now() + keptFor });
  return rows[0].is_allowed;
}
