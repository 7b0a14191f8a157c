// PostGraphile 5 over inventory.asset: one process a core. DATABASE_URL and PORT say where.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { postgraphile } from 'postgraphile';
import { TYPES } from 'postgraphile/@dataplan/pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { addPgTableCondition, jsonPgSmartTags } from 'postgraphile/utils';

// The index that starts with the tenant and the class is on an expression: PostGraphile must be
// asked to filter by the column.
const smartTags = jsonPgSmartTags({
  version: 1,
  config: {
    attribute: {
      'inventory.asset.class_rank': { tags: { behavior: '+filterBy' } },
    },
  },
});

function likePattern(term) {
  return `%${term.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
}

const contains = addPgTableCondition(
  { schemaName: 'inventory', tableName: 'asset' },
  'contains',
  ({ graphql: { GraphQLString } }) => ({ type: GraphQLString }),
  (term, { sql, sqlTableAlias, sqlValueWithCodec }) =>
    sql`${sqlTableAlias}.search like ${sqlValueWithCodec(likePattern(term), TYPES.text)}`,
);

async function serve() {
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset],
    plugins: [smartTags, contains],
    disablePlugins: ['PgProceduresPlugin', 'PgMutationCreatePlugin', 'PgMutationUpdateDeletePlugin'],
    pgServices: [
      makePgService({
        connectionString: process.env.DATABASE_URL,
        schemas: ['inventory'],
        poolConfig: { max: 4, idleTimeoutMillis: 0 }, // as the Node service has
      }),
    ],
    grafserv: { graphiql: false, watch: false, websockets: false },
    grafast: { explain: false },
  });
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
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
