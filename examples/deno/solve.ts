import { openGpu, parseSystem, solve } from 'lps-webgpu';

const gpu = await openGpu({ fallback: 'cpu' });
const { counts } = await solve(gpu, parseSystem('x^2 + y^2 - 1; x^2 - y'), { seed: 1 });
console.log(JSON.stringify(counts));
gpu.close();
