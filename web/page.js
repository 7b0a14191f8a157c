// The page at /docs: the viewer over the server's own OpenAPI document, and a key for the requests
// that are tried. Nothing is fetched from anywhere but the server of the page.

const base = new URL('.', location.href);
const dark = matchMedia('(prefers-color-scheme: dark)');
const form = document.getElementById('access');
const input = document.getElementById('key');
const state = document.getElementById('state');

// The key lives as long as the tab: not in a cookie, not on the disk.
const storage = 'asset-inventory-key';
let key = sessionStorage.getItem(storage) ?? '';

function useKey(text) {
  // A pasted header is as good as the key in it.
  key = text.trim().replace(/^(authorization:)?\s*((token|bearer)\s+)?/i, '');
  if (key) {
    sessionStorage.setItem(storage, key);
  } else {
    sessionStorage.removeItem(storage);
  }
  showKey();
}

function showKey() {
  input.value = key;
  document.getElementById('use').textContent = key ? 'Forget key' : 'Use key';
  input.readOnly = key !== '';
  form.classList.toggle('has-key', key !== '');
  state.textContent = key
    ? `Requests carry the key that ends in ${key.slice(-4)}, until this tab is closed.`
    : 'Without a key every request is answered 401.';
}

async function read(path) {
  const answer = await fetch(new URL(path, base), { headers: { accept: 'application/json' } });
  if (!answer.ok) {
    throw new Error(`GET ${path} was answered ${answer.status}`);
  }
  return answer.json();
}

/** The document of the newest version, for the viewer. */
async function readDocument() {
  const versions = await read('openapi');
  const description = await read(`openapi/${encodeURIComponent(versions.at(-1))}`);
  // Requests go where the page came from, be it behind a path prefix.
  description.servers = [{ url: base.href.replace(/\/$/, '') }];
  // The box of this page takes the key; the viewer need not ask for it again.
  delete description.security;
  delete description.components?.securitySchemes;
  // The viewer overlooks what a path says for all of its operations.
  for (const path of Object.values(description.paths)) {
    const { parameters: shared = [], ...operations } = path;
    delete path.parameters;
    for (const operation of Object.values(operations)) {
      operation.parameters = [...shared, ...(operation.parameters ?? [])];
      delete operation.security;
    }
  }
  // It would fill in every example, and send them all in the first request that is tried.
  for (const parameter of Object.values(description.components?.parameters ?? {})) {
    if ('example' in parameter) {
      parameter.description = `${parameter.description ?? ''} Example: \`${parameter.example}\``;
      delete parameter.example;
    }
    delete parameter.schema?.default;
  }
  return description;
}

function sendWithKey(request) {
  if (key && new URL(request.url, base).origin === location.origin) {
    request.headers.Authorization = `Token ${key}`;
  }
  return request;
}

function followScheme() {
  document.documentElement.classList.toggle('dark-mode', dark.matches);
}

async function showDocument() {
  const viewer = document.getElementById('viewer');
  try {
    const description = await readDocument();
    document.title = description.info.title;
    globalThis.SwaggerUIBundle({
      spec: description,
      domNode: viewer,
      deepLinking: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      validatorUrl: null,
      requestInterceptor: sendWithKey,
    });
  } catch (error) {
    viewer.innerHTML = '<p class="note"></p>';
    viewer.firstChild.textContent = `The OpenAPI document is not to be had: ${error.message}. Reload to try again.`;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  useKey(key ? '' : input.value);
});
dark.addEventListener('change', followScheme);
followScheme();
showKey();
await showDocument();
