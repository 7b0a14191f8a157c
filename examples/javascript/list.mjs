// Prints the ten newest assets of an org.
import { call } from './inventory.mjs';

const page = await call('GET', `/orgs/${process.env.ORG}/inventory/assets`, {
  parameters: { sort: '-created_at', 'fields[container_images]': 'registry,repository' },
});
for (const { id, attributes } of page.data) {
  console.log(id, `${attributes.registry}/${attributes.repository}`);
}
