// Counts the assets that a filter finds: node filter.mjs 'class==A;registry==docker.io'.
import { ApiError, call } from './inventory.mjs';

try {
  const answer = await call('GET', `/orgs/${process.env.ORG}/inventory/assets`, {
    parameters: { filter: process.argv[2], meta_count: 'only' },
  });
  console.log(answer.meta.count);
} catch (error) {
  if (!(error instanceof ApiError)) {
    throw error;
  }
  console.error(`${error.status}: ${error.message}`);
  process.exitCode = 1;
}
