// Adds a label to the assets that a filter finds, or removes it:
//
//     node bulk_update.mjs add reviewed 'class==A;registry==docker.io'
import { call, walk } from './inventory.mjs';

const [action, label, filter] = process.argv.slice(2);
const assets = `/orgs/${process.env.ORG}/inventory/assets`;
// All are known before the first changes: the label may be part of the filter.
const found = [];
for await (const asset of walk(assets, { filter, limit: 100, 'fields[container_images]': 'labels' })) {
  found.push(asset);
}
// A request takes up to a hundred assets, and changes all of them or none.
for (let begin = 0; begin < found.length; begin += 100) {
  const data = found.slice(begin, begin + 100).map(({ type, id }) => ({
    type,
    id,
    attributes: { labels: { [action]: [label] } },
  }));
  await call('PATCH', assets, { document: { data } });
}
console.log(found.length);
