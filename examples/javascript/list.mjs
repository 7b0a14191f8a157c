// Prints the ten newest assets of an org.
import { call } from './inventory.mjs';

const page = await call('GET', `/orgs/${process.env.ORG}/inventory/assets`, {
  parameters: { sort: '-created_at', 'fields[container_images]': 'registry,name' },
});
for (const { id, attributes } of page.data) {
  // An attribute without a value is absent.
  console.log(id, attributes.registry ?? '-', attributes.name ?? '-');
}
