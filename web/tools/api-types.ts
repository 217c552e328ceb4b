// Makes src/lib/api/routes.ts of the server's OpenAPI document. tests/browser/console-api.test.ts
// fails when the file in the repository is not what this makes; tools/console_api writes it anew.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

const columnsMax = 98;

const fieldsOf = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** What a JSON pointer of this document points at. */
const follow = (document: Fields, pointer: string): Fields => {
  let found: Json = document;
  for (const step of pointer.replace(/^#\//, '').split('/'))
    found = fieldsOf(found)[step.replaceAll('~1', '/').replaceAll('~0', '~')] ?? null;
  if (found === null) throw new Error(`nothing at ${pointer}`);
  return fieldsOf(found);
};

const nameOf = (key: string): string => (/^[a-zA-Z_]\w*$/.test(key) ? key : `'${key}'`);

const primitives: { [type: string]: string } = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** A schema as a TypeScript type; what the schema leaves open is `unknown`. */
const typeOf = (document: Fields, given: Json | undefined, depth = 0): string => {
  if (depth > 12) throw new Error('a schema is deeper than 12');
  let schema = fieldsOf(given);
  if (typeof schema['$ref'] === 'string') schema = follow(document, schema['$ref']);
  const values = listOf(schema['enum']);
  if (values.length > 0) return values.map((v) => `'${String(v)}'`).join(' | ');
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type'] ?? null];
  const one = (type: Json): string => {
    if (type === 'array') return `readonly (${typeOf(document, schema['items'], depth)})[]`;
    if (type === 'object') return objectOf(document, schema, depth);
    return (typeof type === 'string' ? primitives[type] : undefined) ?? 'unknown';
  };
  return types.map(one).join(' | ');
};

const objectOf = (document: Fields, schema: Fields, depth: number): string => {
  const properties = Object.entries(fieldsOf(schema['properties']));
  if (properties.length === 0) return 'Record<string, unknown>';
  const required = listOf(schema['required']);
  const pad = '  '.repeat(depth + 3);
  const lines = properties.map(([key, value]) => {
    const mark = required.includes(key) ? '' : '?';
    return `${pad}${nameOf(key)}${mark}: ${typeOf(document, value, depth + 1)};\n`;
  });
  return `{\n${lines.join('')}${'  '.repeat(depth + 2)}}`;
};

const bodyType = (document: Fields, content: Json | undefined, absent: string): string => {
  const found = Object.entries(fieldsOf(content))[0];
  if (found === undefined) return absent;
  const [type, media] = found;
  if (type !== 'application/json') return 'string';
  return typeOf(document, fieldsOf(media)['schema']);
};

const paramsOf = (operation: Fields, where: string): string => {
  const names = listOf(operation['parameters'])
    .map(fieldsOf)
    .filter((p) => p['in'] === where);
  if (names.length === 0) return 'Nothing';
  const mark = where === 'path' ? '' : '?';
  return `{ ${names.map((p) => `${String(p['name'])}${mark}: string`).join('; ')} }`;
};

const operationText = (document: Fields, name: string, operation: Fields): string => {
  const responses = fieldsOf(operation['responses']);
  const success = Object.keys(responses).find((status) => /^2\d\d$/.test(status)) ?? '';
  const answer = bodyType(document, fieldsOf(responses[success])['content'], 'Nothing');
  const body = bodyType(document, fieldsOf(operation['requestBody'])['content'], 'undefined');
  const text = [
    `  /** ${String(operation['summary'])};\n   *  ${String(operation['x-probity-access'])}. */`,
    `  '${name}': {`,
    `    path: ${paramsOf(operation, 'path')};`,
    `    query: ${paramsOf(operation, 'query')};`,
    `    body: ${body};`,
    `    answer: ${answer};`,
    '  };',
  ];
  return text.flatMap((part) => wrapped(part)).join('\n');
};

/** Lines that are too long are broken before a bar or after a semicolon. */
const wrapped = (text: string): string[] =>
  text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (rest.length > columnsMax) {
      const at = Math.max(...[' | ', '; '].map((mark) => rest.lastIndexOf(mark, columnsMax)));
      if (at <= 0) break;
      lines.push(rest.slice(0, rest[at] === ';' ? at + 1 : at));
      rest = `${/^ */.exec(rest)?.[0] ?? ''}  ${rest.slice(at + 1)}`;
    }
    return [...lines, rest];
  });

const head = `// Made by tools/console_api of the server's OpenAPI document. Do not change it here.

export type Nothing = Record<string, never>;

/** Every route of the interface: what it takes, what it answers with when it works. */
export interface Routes {
`;

/** The routes the console may call: the interface for members, and the statement. */
const isForConsole = (path: string): boolean =>
  path === '/.well-known/probity-statement.json' ||
  (path.startsWith('/api/v1/') && !/^\/api\/v1\/(test|public)\//.test(path));

export const apiTypes = (openapi: string): string => {
  const document = fieldsOf(JSON.parse(openapi) as Json);
  const parts: string[] = [];
  for (const [path, methods] of Object.entries(fieldsOf(document['paths']))) {
    if (!isForConsole(path)) continue;
    for (const [method, operation] of Object.entries(fieldsOf(methods)))
      parts.push(operationText(document, `${method.toUpperCase()} ${path}`, fieldsOf(operation)));
  }
  return `${head}${parts.join('\n')}\n}\n`;
};
