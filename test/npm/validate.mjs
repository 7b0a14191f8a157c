// Validates the examples of an OpenAPI 3.1 document, and answers of the server, against its schemas.
//
//   node validate.mjs DOCUMENT.json [ANSWERS.jsonl]
//
// ANSWERS has lines {method, target, status, type, body}. Prints what fails and closes with
// "N validated, M refused".
import fs from "node:fs";
import readline from "node:readline";

import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const document = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ ...closed(document), $id: "api" });

const shown = 20;
let validated = 0;
let refused = 0;

/** The document with no member allowed that a schema does not name: clients must live with new members, the server may not invent them. */
function closed(node) {
  if (Array.isArray(node)) {
    return node.map(closed);
  }
  if (node === null || typeof node !== "object") {
    return node;
  }
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closed(value)]));
  if (copy.type === "object" && copy.properties && !("additionalProperties" in copy)) {
    copy.additionalProperties = false;
  }
  return copy;
}

function refuse(what, why) {
  refused += 1;
  if (refused <= shown) {
    console.log(`${what}: ${why}`);
  }
}

function validate(schema, value, what) {
  validated += 1;
  const check = ajv.getSchema(`api#${schema}`) ?? ajv.compile({ $ref: `api#${schema}` });
  if (!check(value)) {
    refuse(what, ajv.errorsText(check.errors.slice(0, 5), { dataVar: "body" }));
  }
}

const escape = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");

function resolve(node) {
  return node?.$ref ? node.$ref.slice(2).split("/").reduce((at, name) => at[name.replaceAll("~1", "/").replaceAll("~0", "~")], document) : node;
}

/** Every `example` and `examples` beside a schema. */
function validateExamples(node, pointer) {
  if (node === null || typeof node !== "object") {
    return;
  }
  if (node.schema) {
    const examples = { ...node.examples, ...("example" in node ? { example: { value: node.example } } : {}) };
    for (const [name, example] of Object.entries(examples)) {
      validate(`${encodeURI(pointer)}/schema`, resolve(example).value, `example ${name} of ${pointer}`);
    }
  }
  for (const [name, value] of Object.entries(node)) {
    validateExamples(value, `${pointer}/${escape(name)}`);
  }
}

const templates = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^(/rest)?${path.replaceAll(/\{[^}]*\}/g, "[^/]+")}$`),
}));

function findPath(target) {
  let path = target.split("?")[0];
  try {
    path = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const found = templates.filter(({ pattern }) => pattern.test(path));
  return (found.find((it) => !it.path.endsWith("}")) ?? found[0])?.path;
}

function validateAnswer({ method, target, status, type, body }) {
  const what = `${method} ${target.slice(0, 200)} -> ${status}`;
  const path = findPath(target);
  const operation = path && document.paths[path][method === "HEAD" ? "get" : method.toLowerCase()];
  if (!operation || status === 405) {
    if (status >= 400 && method !== "HEAD") {
      validate("/components/schemas/Errors", JSON.parse(body), what);
    } else if (status < 400 && target.startsWith("/")) {
      refuse(what, "the document has no such operation");
    }
    return;
  }
  const response = resolve(operation.responses[status] ?? operation.responses.default);
  if (operation.responses[status] === undefined && status < 400) {
    refuse(what, "the operation has no such status");
  } else if (method === "HEAD" || !response.content) {
    validated += 1;
    if (body !== "") {
      refuse(what, "there is a body");
    }
  } else if (!response.content[type]) {
    refuse(what, `the content type is ${type}`);
  } else {
    validate(response.content[type].schema.$ref.slice(1), JSON.parse(body), what);
  }
}

validateExamples(document, "");
if (process.argv[3]) {
  for await (const line of readline.createInterface({ input: fs.createReadStream(process.argv[3]) })) {
    validateAnswer(JSON.parse(line));
  }
}
console.log(`${validated} validated, ${refused} refused`);
process.exit(refused > 0 ? 1 : 0);
