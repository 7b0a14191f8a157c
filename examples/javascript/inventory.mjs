// A client of the API in one function, on the fetch of Node 18 or later.
// URL and TOKEN are read from the environment.

const { URL: server, TOKEN: token } = process.env;
const mediaType = 'application/vnd.api+json';

/** What the server found wrong; `errors` are the objects of its JSON:API document. */
export class ApiError extends Error {
  constructor(status, errors) {
    super(errors.map((error) => `${error.title}: ${error.detail}`).join('; '));
    this.status = status;
    this.errors = errors;
  }
}

/**
 * Sends a request and returns the document of the answer, null when it has no body. `target` is a
 * path, or a link as the server gave it. A busy server is asked again when it says so.
 */
export async function call(method, target, { parameters, document } = {}) {
  const query = parameters ? `?${new URLSearchParams(parameters)}` : '';
  const headers = { authorization: `Token ${token}`, accept: mediaType };
  if (document) {
    headers['content-type'] = mediaType;
  }
  for (let attemptsLeft = 4; ; attemptsLeft -= 1) {
    // fetch follows the 302 of a new search to its results, as GET and with the key.
    const answer = await fetch(server + target + query, { method, headers, body: document && JSON.stringify(document) });
    const text = await answer.text();
    if (answer.ok) {
      return text ? JSON.parse(text) : null;
    }
    const wait = answer.headers.get('retry-after');
    if (![429, 503].includes(answer.status) || wait === null || attemptsLeft === 0) {
      throw new ApiError(answer.status, JSON.parse(text).errors);
    }
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

/** Yields all resources of a list, page after page. */
export async function* walk(target, parameters) {
  let page = await call('GET', target, { parameters });
  for (;;) {
    yield* page.data;
    if (!page.links.next) {
      return;
    }
    // The link holds every parameter and the cursor: it is followed as it is.
    page = await call('GET', page.links.next);
  }
}
