/** What is set in the text of a shader when it is known what it is for. */

/** Sets `const NAME = ...u;` of a shader. @throws Error when the shader has no such constant. */
export function specialize(code: string, constants: Readonly<Record<string, number>>): string {
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`^const ${name} = \\d+u;$`, 'm');
    if (!declaration.test(code)) throw new Error(`the shader has no constant ${name}`);
    code = code.replace(declaration, `const ${name} = ${value}u;`);
  }
  return code;
}

/** Puts statements in the place of every line "// generated: HOLE". @throws Error when there is none. */
export function fill(code: string, hole: string, statements: readonly string[]): string {
  const line = new RegExp(`^([ ]*)// generated: ${hole}$`, 'gm');
  if (code.search(line) < 0) throw new Error(`the template has no hole "${hole}"`);
  return code.replace(line, (_, indent: string) =>
    statements.map((statement) => indent + statement).join('\n'),
  );
}
