import { columns } from './asset.js';
import { BadRequest, filterToSql } from './filter.js';

function encodeCursor(row) {
  return Buffer.from(JSON.stringify([row.created_at, row.id])).toString('base64url');
}

function decodeCursor(text) {
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(text, 'base64url'));
    return { createdAt, id };
  } catch {
    throw new BadRequest('Malformed cursor');
  }
}

/** The statement of a page by keyset; one row more than the limit says whether another follows. */
function statement(tenant, query) {
  const values = [];
  const bind = (value) => `$${values.push(value)}`;
  const isBackward = query.ending_before !== undefined;
  const cursor = query.starting_after ?? query.ending_before;
  let where = `a.tenant_id = ${bind(tenant)}`;
  if (query.filter !== undefined) {
    where += ` and ${filterToSql(query.filter, bind)}`;
  }
  if (cursor !== undefined) {
    const { createdAt, id } = decodeCursor(cursor);
    const sign = isBackward ? '<' : '>';
    where += ` and (a.created_at, a.id) ${sign} (${bind(createdAt)}::timestamptz, ${bind(id)}::uuid)`;
  }
  const order = isBackward ? 'a.created_at desc, a.id desc' : 'a.created_at, a.id';
  const text = `select ${columns} from inventory.asset a where ${where} ` +
    `order by ${order} limit ${query.limit + 1}`;
  return { text, values };
}

// A prepared statement a shape. A filter's statement is planned with its values: whether a term
// is rare decides which index is right.
const names = new Map();

function named(query, { text, values }) {
  if (query.filter !== undefined) {
    return { text, values };
  }
  if (!names.has(text)) {
    names.set(text, `page_${names.size}`);
  }
  return { name: names.get(text), text, values };
}

/** Reads a page: `{rows, next, prev}`, cursors of what follows and precedes where there is one. */
export async function readPage(pool, tenant, query) {
  const { rows } = await pool.query(named(query, statement(tenant, query)));
  const isBackward = query.ending_before !== undefined;
  const hasMore = rows.length > query.limit;
  if (hasMore) {
    rows.pop();
  }
  if (isBackward) {
    rows.reverse();
  }
  // Where the client came from there is a row, as a rule; to be sure would cost a query.
  const hasNext = isBackward || hasMore;
  const hasPrevious = isBackward ? hasMore : query.starting_after !== undefined;
  return {
    rows,
    next: hasNext && rows.length > 0 ? encodeCursor(rows.at(-1)) : undefined,
    prev: hasPrevious && rows.length > 0 ? encodeCursor(rows[0]) : undefined,
  };
}
