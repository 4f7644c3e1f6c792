/**
 * Marks calls at the top of modules as free of effects (`/* @__PURE__ *\/`), as package.json promises of the modules
 * (`sideEffects: false`). Bundlers then leave out a table that a call makes when nothing reads it, where several
 * modules share a file.
 */

/** A plugin of Rolldown. */
export const freeOfEffects = {
  name: 'free of effects',
  transform: {
    // Packages may mean what they do; kernels bring their mark along (shaders.mjs).
    filter: {
      id: { include: [/[\\/]src[\\/]/], exclude: [/node_modules/, /generated[\\/]shaders/] },
    },
    handler(code, id) {
      const { body } = this.parse(code, { lang: id.endsWith('.ts') ? 'ts' : 'js' });
      const places = [...new Set(topCalls(body))].sort((a, b) => a - b);
      let marked = '';
      let last = 0;
      for (const place of places) {
        marked += `${code.slice(last, place)}/* @__PURE__ */ `;
        last = place;
      }
      return { code: marked + code.slice(last), map: null };
    },
  },
};

/** Where they begin. */
function* topCalls(node) {
  if (Array.isArray(node)) for (const each of node) yield* topCalls(each);
  else if (typeof node?.type === 'string' && !runsLater(node)) {
    if (node.type === 'CallExpression' || node.type === 'NewExpression') yield node.start;
    for (const [name, child] of Object.entries(node))
      // Rolldown 1.2 prints `a / /* ... *\/ b` without the blanks: a comment to the end of the file.
      if (!(node.type === 'BinaryExpression' && node.operator === '/' && name === 'right'))
        yield* topCalls(child);
  }
}

function runsLater({ type, static: isStatic }) {
  return (
    /Function|^MethodDefinition$/.test(type) ||
    (type === 'PropertyDefinition' && !isStatic) ||
    // A statement for its own sake has effects.
    type === 'ExpressionStatement'
  );
}
