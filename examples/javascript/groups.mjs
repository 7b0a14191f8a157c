// Counts the assets of an org by the values of a field: node groups.mjs class.
import { call, walk } from './inventory.mjs';

const { data: fields } = await call('GET', `/orgs/${process.env.ORG}/inventory/assets/groups`);
const field = fields.find(({ attributes }) => attributes.name === process.argv[2]);
if (!field) {
  console.error(`${process.argv[2]} is not one of ${fields.map(({ attributes }) => attributes.name).join(', ')}`);
  process.exit(1);
}
for await (const group of walk(field.relationships.values.links.related)) {
  console.log(group.meta.count, group.attributes.value);
}
