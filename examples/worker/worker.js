// Workers know no import maps: by its address, or by its name with a bundler.
import { openGpu, parseSystem, solve } from './node_modules/lps-webgpu/dist/web/entries/solver.js';

const gpu = await openGpu({ fallback: 'cpu' });

globalThis.onmessage = async ({ data: text }) => {
  const { counts } = await solve(gpu, parseSystem(text));
  globalThis.postMessage(counts);
};
