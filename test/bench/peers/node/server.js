// GET /tenants/{tenant}/inventory/assets as a careful service in Node: one process a core, a pool
// of connections in each. DATABASE_URL and PORT say where.
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import fastify from 'fastify';
import pg from 'pg';
import { mayRead } from './access.js';
import { resource } from './asset.js';
import { readPage } from './page.js';

const mediaType = 'application/vnd.api+json';
const version = '2024-10-15';

const schema = {
  params: { type: 'object', properties: { tenant: { type: 'string', format: 'uuid' } } },
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      filter: { type: 'string' },
      sort: { const: 'created_at' },
      limit: { type: 'integer', minimum: 10, maximum: 100, default: 10 },
      starting_after: { type: 'string' },
      ending_before: { type: 'string' },
    },
  },
};

function failure(status, detail) {
  return JSON.stringify({
    jsonapi: { version: '1.0' },
    errors: [{ status: String(status), title: 'The request failed', detail }],
  });
}

function link(path, query, cursor) {
  const { starting_after, ending_before, ...rest } = query;
  return `${path}?${new URLSearchParams({ ...rest, ...cursor })}`;
}

function document(path, query, page) {
  return {
    data: page.rows.map((row) => resource(row, path, version)),
    links: {
      self: `${path}?${new URLSearchParams(query)}`,
      first: link(path, query, {}),
      prev: page.prev && link(path, query, { ending_before: page.prev }),
      next: page.next && link(path, query, { starting_after: page.next }),
    },
  };
}

async function serve() {
  // Times stay PostgreSQL's text: a Date would lose the microseconds that order a page.
  pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text);
  const pool = new pg.Pool({
    connectionString: process.env.DATABASE_URL,
    max: 4, // in each process: sessions enough to keep the cores busy, and no more
    idleTimeoutMillis: 0, // a new session would plan everything anew
    options: '-c timezone=UTC -c datestyle=ISO',
  });
  const app = fastify();
  app.setErrorHandler((error, request, reply) => {
    const status = error.statusCode ?? 500;
    reply.code(status).type(mediaType);
    return failure(status, status < 500 ? error.message : 'Something went wrong');
  });
  app.get('/tenants/:tenant/inventory/assets', { schema }, async (request, reply) => {
    const { tenant } = request.params;
    reply.type(mediaType);
    if (!(await mayRead(pool, request.headers.authorization, tenant))) {
      reply.code(401);
      return failure(401, 'The token may not read this tenant');
    }
    const path = request.url.split('?', 1)[0];
    const page = await readPage(pool, tenant, request.query);
    return JSON.stringify(document(path, request.query, page));
  });
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
}

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); ++i) {
    cluster.fork();
  }
  process.on('SIGTERM', () => cluster.disconnect(() => process.exit(0)));
} else {
  // The primary disconnects; open keep-alive connections must not hold the process.
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => {});
  await serve();
}
