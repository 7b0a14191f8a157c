// Prints the id of every asset that a filter finds: node walk.mjs 'class==A'.
import { walk } from './inventory.mjs';

const parameters = { filter: process.argv[2], limit: 100, 'fields[container_images]': 'name' };
for await (const asset of walk(`/orgs/${process.env.ORG}/inventory/assets`, parameters)) {
  console.log(asset.id);
}
