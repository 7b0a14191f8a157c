// Starts a search and prints the id of each of its results: node search.mjs 'q==nginx'.
//
// A search runs outside of the request, and what it found stays as it was for a day.
import { call } from './inventory.mjs';

let page = await call('POST', `/orgs/${process.env.ORG}/inventory/assets/searches`, {
  document: {
    data: { type: 'searches', attributes: { filter: process.argv[2], sort: '-risk_score', limit: 100 } },
  },
});
for (;;) {
  for (const asset of page.data) {
    console.log(asset.id);
  }
  if (!page.links.next) {
    break;
  }
  page = await call('GET', page.links.next);
}
