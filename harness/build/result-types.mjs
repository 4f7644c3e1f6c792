/**
 * The JSON schema of `lps bench` -> harness/generated/result.ts: a type per definition, and
 * `BenchmarkResult` for the whole. The schema is the one place where records are written down.
 *
 * Only the words of JSON Schema that this schema uses are known; bounds and conditions have no type.
 */

/** @param {object} schema @returns {string} the text of the module */
export function resultTypes(schema) {
  const types = Object.entries({ ...schema.definitions, BenchmarkResult: schema });
  return [
    '/** Made by harness/build from harness/benchmark/schema: do not edit. */',
    ...types.map(([name, node]) => `${comment(node)}export type ${name} = ${typeOf(node)};\n`),
  ].join('\n');
}

function typeOf(node) {
  if (node.$ref) return node.$ref.replace('#/definitions/', '');
  if ('const' in node) return JSON.stringify(node.const);
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (node.oneOf) return node.oneOf.map(typeOf).join(' | ');
  if (Array.isArray(node.type))
    return node.type.map((type) => typeOf({ ...node, type })).join(' | ');
  switch (node.type) {
    case 'array':
      return `readonly (${typeOf(node.items)})[]`;
    case 'object':
      return objectType(node);
    case 'integer':
      return 'number';
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return node.type;
    default:
      throw new Error(`result-types.mjs does not know the schema ${JSON.stringify(node)}`);
  }
}

function objectType({ properties, required = [] }) {
  const members = Object.entries(properties).map(([name, node]) => {
    const optional = required.includes(name) ? '' : '?';
    return `${comment(node)}readonly ${name}${optional}: ${typeOf(node)};\n`;
  });
  return `{\n${members.join('')}}`;
}

function comment({ description }) {
  return description ? `/** ${description} */\n` : '';
}
