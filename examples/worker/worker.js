// Workers know no import maps: by its address, or by its name with a bundler.
import { openGpu, parseSystem, solve } from './node_modules/lps-webgpu/dist/web/solver.js';

// Not awaited here: a message that comes before there is a listener is lost.
const device = openGpu({ fallback: 'cpu' });

globalThis.onmessage = async ({ data: text }) => {
  const { counts } = await solve(await device, parseSystem(text));
  globalThis.postMessage(counts);
};
