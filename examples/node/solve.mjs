import { openGpu, parseSystem, solve } from 'lps-webgpu';

const gpu = await openGpu({ fallback: 'cpu' });
const system = parseSystem('x^2 + y^2 - 1; x^2 - y');
const { counts, exactCount } = await solve(gpu, system, { seed: 1, certify: true });
console.log(JSON.stringify({ ...counts, exactCount: exactCount.status }));
gpu.close();
