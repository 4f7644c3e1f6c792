/**
 * What may import what, for dependency-cruiser: no circles between files, no imports up a floor, no
 * modules of Node in what runs in a page. ESLint's rules for circles leave type imports out; these
 * count them.
 */
import { floors, homotopyFloors, nodeFiles } from './floors.js';

/** One rule a room: it imports from no room of `folder` that is above it or further right. */
function upward(folder, levels) {
  const rooms = levels.flat();
  return rooms.map((room, position) => ({
    name: `floors: ${folder}/${room}`,
    comment: `${room} may import from: ${rooms.slice(0, position).join(', ') || 'no other room'}.`,
    severity: 'error',
    from: { path: `^${folder}/${room}/` },
    // What is not a room below is above: rooms further up, and the public index beside the rooms.
    to: {
      path: `^${folder}/`,
      pathNot: rooms.slice(0, position + 1).map((below) => `^${folder}/${below}/`),
    },
  }));
}

export default {
  forbidden: [
    {
      name: 'no circles',
      comment: 'Move what both need into a file of its own, or to the lower of the two.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...upward('src', [['generated'], ...floors]).filter(({ name }) => !name.endsWith('generated')),
    ...upward('src/homotopy', homotopyFloors),
    {
      name: 'floors: src, harness, test',
      comment: 'The library and its command line know neither the tools nor the tests.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(harness|test)/' },
    },
    {
      name: 'every room has a floor',
      comment: 'Write a new room of src into floors.js.',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: ['generated', ...floors.flat()].map((room) => `^src/${room}/`),
      },
      to: {},
    },
    {
      name: 'pages load no module of Node',
      comment: 'This must also run in a page: put it behind src/gpu/platform.ts or into src/cli.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', ...nodeFiles.map((file) => `^${file}$`)] },
      to: {
        path: ['^node:', '^(fs|path|os|worker_threads)$', 'node_modules/(webgpu|puppeteer-core)/'],
      },
    },
  ],
  options: {
    // Before compilation, so that `import type` counts.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules', '^dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json', '.d.ts'],
    },
  },
};
