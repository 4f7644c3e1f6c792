/**
 * What repeats in a shader is written down once, between comments that the build resolves:
 *
 *   // repeat: i = 0..4            the lines up to `// end` for i = 0, 1, 2, 3
 *   // repeat: k lane = 0 x | 1 y  for k = 0 and lane = x, then for k = 1 and lane = y
 *   // when: KERNEL = forward      the lines up to `// end` if KERNEL has that value
 *
 * `${name}` stands for a value: of a repetition around it, or one that an include gave.
 */

const directive = /^\s*\/\/ (repeat|when): (.*)$/;
const endLine = /^\s*\/\/ end$/;

/**
 * @param {string} text of a shader
 * @param {Record<string, string>} values by name
 * @returns {string} without directives and placeholders
 * @throws {Error} for a name without a value, a directive without an end, or an end without one
 */
export function expandTemplate(text, values) {
  return expandLines(text.split('\n'), values).join('\n');
}

function expandLines(lines, values) {
  const expanded = [];
  for (let k = 0; k < lines.length; k++) {
    const line = substitute(lines[k], values);
    const [, word, argument] = directive.exec(line) ?? [];
    if (endLine.test(line)) throw new Error('"// end" has no beginning');
    if (word === undefined) {
      expanded.push(line);
      continue;
    }
    const end = endOf(lines, k);
    for (const more of cases(word, argument))
      expanded.push(...expandLines(lines.slice(k + 1, end), { ...values, ...more }));
    k = end;
  }
  return expanded;
}

/** The values of each copy of what a directive holds. */
function cases(word, argument) {
  const [, left, right] = /^(.*?) = (.*)$/.exec(argument) ?? [];
  if (right === undefined) throw new Error(`"// ${word}: ${argument}" has no " = "`);
  if (word === 'when') return left === right ? [{}] : [];
  const names = left.split(' ');
  return itemsOf(right).map((item) => {
    const values = item.split(' ');
    if (values.length !== names.length)
      throw new Error(`"// ${word}: ${argument}" gives "${item}" to ${left}`);
    return Object.fromEntries(names.map((name, k) => [name, values[k]]));
  });
}

function itemsOf(text) {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (to === undefined) return text.split(' | ');
  return Array.from({ length: to - from }, (_, k) => String(Number(from) + k));
}

function endOf(lines, start) {
  let open = 0;
  for (let k = start; k < lines.length; k++) {
    if (directive.test(lines[k])) open++;
    else if (endLine.test(lines[k]) && --open === 0) return k;
  }
  throw new Error(`"${lines[start].trim()}" has no "// end"`);
}

function substitute(line, values) {
  return line.replace(/\$\{(\w+)\}/g, (_, name) => {
    if (!Object.hasOwn(values, name)) throw new Error(`\${${name}} has no value`);
    return values[name];
  });
}
