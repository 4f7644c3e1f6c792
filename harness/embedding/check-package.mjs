/**
 * Packs the package and judges it as others do: publint and are-the-types-wrong, and a consumer's program under several
 * versions of TypeScript without any settings but those of its module system: what is right is accepted, each
 * mistake is refused. The judges come from the npm registry.
 *
 * node harness/embedding/check-package.mjs
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from '../build/stamp.mjs';
import { pack } from '../packages.mjs';
import { root } from '../setup/paths.mjs';

const COMPILERS = ['5.4', '5.6', '5.9', '6'];

const right = `
import { adam, dense, initialize, network, openGpu, parseSystem, relu, solve, train, type Dataset } from 'lps-webgpu';
import { solve as solveAlone } from 'lps-webgpu/solver';
import { forward } from 'lps-webgpu/network';
import { initialize as initializeAlone } from 'lps-webgpu/initializer';
import { networkMatmulRegister, openGpu as openAlone, type Kernel } from 'lps-webgpu/kernels';

const gpu = await openGpu({ workers: 2 });
const device: GPUDevice = gpu.device;
const { counts, solutions } = await solve(gpu, parseSystem('x^2 - 2'), { seed: 1, certify: true });
const roots: number = counts.distinct;
const re: number = solutions[0]!.coordinates[0]![0];
const net = network({ input: [4], layers: [dense(8), relu(), dense(1)] });
const weights = await initialize(gpu, net, { method: 'he', seed: 1 });
const outputs: Float32Array = await forward(gpu, net, weights, new Float32Array(4));
declare const data: Dataset;
const run = await train(gpu, net, { data, weights, loss: 'mse', optimizer: adam(1e-3), batchSize: 8, epochs: 1 });
const kernel: Kernel = await (await openAlone({ device })).createKernel(networkMatmulRegister);
export { device, roots, re, outputs, run, kernel, solveAlone, initializeAlone };
`;
const head = `import { adam, dense, initialize, network, openGpu, parseSystem, solve } from 'lps-webgpu';
const gpu = await openGpu();
export const net = network({ input: [4], layers: [dense(8)] });
export { adam, initialize, parseSystem, solve, gpu };
`;
const wrong = [
  "await solve(gpu, 'x^2 - 2');",
  "await solve(gpu, parseSystem('x^2 - 2'), { sed: 1 });",
  "await solve(gpu, parseSystem('x^2 - 2'), { precision: 'f32' });",
  "await initialize(gpu, net, { method: 'kaimin', seed: 1 });",
  "await openGpu({ fallback: 'wasm' });",
  'const size: string = (gpu.device as GPUDevice).limits.maxBufferSize; export { size };',
];

ensureBuild();
const folder = mkdtempSync(join(tmpdir(), 'lps-judged-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const tarball = pack(root, folder);
writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
execFileSync(
  'npm',
  [
    ...['install', '--no-audit', '--no-fund', tarball, 'publint', '@arethetypeswrong/cli'],
    ...COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`),
  ],
  { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
);
const bin = (path, ...parameters) =>
  spawnSync(process.execPath, [join(folder, 'node_modules', path), ...parameters], {
    cwd: folder,
    encoding: 'utf8',
  });
const say = (what, isRight, { stdout, stderr }) => {
  console.log(`${what}: ${isRight ? 'right' : 'WRONG'}`);
  if (isRight) return;
  process.exitCode = 1;
  console.log(stdout.slice(-4000), stderr.slice(-2000));
};

const publint = bin('publint/src/cli.js', 'run', tarball, '--strict');
say('publint', publint.status === 0 && /All good/.test(publint.stdout), publint);
// Of a package of ES modules: not under node10, which knows no `exports`, and imported by CommonJS, not required.
const attw = bin('@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only');
say('are-the-types-wrong', attw.status === 0, attw);

for (const version of COMPILERS) {
  const check = (text) => {
    writeFileSync(join(folder, 'app.ts'), text);
    return bin(
      `typescript-${version}/bin/tsc`,
      ...['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler'],
      ...['--target', 'es2022', '--lib', 'es2022,dom', 'app.ts'],
    );
  };
  const accepted = check(right);
  say(`TypeScript ${version}: a right program`, accepted.status === 0, accepted);
  for (const mistake of wrong) {
    const refused = check(head + mistake);
    const only = /app\.ts\(5,/.test(refused.stdout) && !/app\.ts\([1-4],/.test(refused.stdout);
    say(`TypeScript ${version}: refuses ${mistake}`, refused.status !== 0 && only, refused);
  }
}
