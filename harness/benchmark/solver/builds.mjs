/**
 * Two builds of the solver against one another, in paired rounds on one device: has a change cost anything?
 *
 *   git worktree add /tmp/before COMMIT; (cd /tmp/before && ln -s .../node_modules . && node harness/build.mjs)
 *   node harness/benchmark/solver/builds.mjs --before /tmp/before/dist
 *
 *   --after DIST              the other build (default: this checkout's dist)
 *   --before-options JSON     options of `solve` for a build, for example '{"precision":"f64"}'
 *   --after-options JSON
 *   --filter a,b              rows whose name contains one of these: the benchmark's systems, network/s8, main-job,
 *                             file/NAME for every file of test/data/systems with finitely many solutions
 *   --repeat 7                paired rounds (default 5), in random order within a round
 *   --json FILE
 *
 * Prints a row each: CPU seconds of this process and wall seconds of a whole solve, medians, and the median over
 * the rounds of before / after: above 1 the new build is faster; then the sums over all rows. Every result is checked
 * against the row's number of solutions (files: none is, `lps verify` does that); exit code 1 when the new build's is
 * wrong.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { ensureSetup } from '../../setup.mjs';
import { root } from '../../setup/paths.mjs';
import { complaint, measureSolve } from './ours.mjs';
import { median, randomNumbers, shuffled } from './statistics.mjs';
import { benchmarkSystems } from './systems.mjs';

const { values: options } = parseArgs({
  options: {
    before: { type: 'string' },
    after: { type: 'string', default: join(root, 'dist') },
    'before-options': { type: 'string', default: '{}' },
    'after-options': { type: 'string', default: '{}' },
    filter: { type: 'string', default: '' },
    repeat: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
if (!options.before)
  throw new Error('--before DIST is missing: the folder of the build to compare');
const rounds = Number(options.repeat);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new Error(`--repeat is "${options.repeat}"; give a whole number of rounds`);
const REGULARIZATION = 0.01;
/** Solves of each build before the first round: kernels are compiled, and V8 has compiled our code. */
const WARM_UP = 3;
/** Each round repeats a solve for this long. */
const ROUND_SECONDS = 0.5;
const MOST_SOLVES = 20;

await ensureSetup();
const builds = [];
for (const name of ['before', 'after']) {
  const lps = await import(pathToFileURL(join(resolve(options[name]), 'index.js')).href);
  const gpu = await lps.openGpu();
  builds.push({ name, lps, gpu, solveOptions: JSON.parse(options[`${name}-options`]) });
}
const wanted = ({ name }) => options.filter.split(',').some((part) => name.includes(part));
const random = randomNumbers(1);
const results = [];
for (const row of [...systemRows(), networkRow(), mainJob(), ...fileRows()].filter(wanted)) {
  const measured = [];
  const problems = { before: [], after: [] };
  const run = async ({ name, lps, gpu, solveOptions }, seed) => {
    const { system, own } = row.prepare(lps);
    const { total, wall, result } = await measureSolve(lps, gpu, system, {
      ...own,
      ...solveOptions,
      seed,
    });
    const problem = row.solutions === null ? null : complaint(result, row.solutions);
    if (problem) problems[name].push(problem);
    return { cpu: total, wall };
  };
  for (const build of builds)
    for (let k = 0; k < (row.isLong ? 1 : WARM_UP); k++) await run(build, k + 1);
  for (let round = 0; round < rounds; round++) {
    const entry = {};
    for (const build of shuffled(builds, random)) {
      const runs = [];
      for (let spent = 0; runs.length < MOST_SOLVES && spent < ROUND_SECONDS;) {
        runs.push(await run(build, 1000 * (round + 1) + runs.length));
        spent += runs.at(-1).wall;
      }
      const mean = (key) => runs.reduce((sum, one) => sum + one[key], 0) / runs.length;
      entry[build.name] = { cpu: mean('cpu'), wall: mean('wall') };
    }
    measured.push(entry);
  }
  const ratio = (key) => median(measured.map(({ before, after }) => before[key] / after[key]));
  const middle = (name, key) => median(measured.map((entry) => entry[name][key]));
  const line = {
    name: row.name,
    before: { cpu: middle('before', 'cpu'), wall: middle('before', 'wall') },
    after: { cpu: middle('after', 'cpu'), wall: middle('after', 'wall') },
    ratio: { cpu: ratio('cpu'), wall: ratio('wall') },
    problems,
    measured,
  };
  results.push(line);
  const text = [line.before.cpu, line.after.cpu, line.before.wall, line.after.wall].map((value) =>
    value.toPrecision(3),
  );
  console.log(
    `| ${line.name} | ${text.join(' | ')} | ${line.ratio.cpu.toFixed(2)} | ${line.ratio.wall.toFixed(2)} |` +
      (problems.before.length ? ` before: ${problems.before[0]}` : '') +
      (problems.after.length ? ` AFTER: ${problems.after[0]}` : ''),
  );
}
const sum = (name, key) =>
  results.reduce((total, line) => total + line[name][key], 0).toPrecision(4);
console.log(
  `| sum | ${sum('before', 'cpu')} | ${sum('after', 'cpu')} | ${sum('before', 'wall')} | ${sum('after', 'wall')} |`,
);
const device = builds[0].gpu.info.description;
console.log(
  `on ${device}: row | CPU s before | after | wall s before | after | ratio CPU | ratio wall`,
);
if (options.json)
  writeFileSync(options.json, JSON.stringify({ device, options, results }, null, 2));
process.exit(results.some(({ problems }) => problems.after.length > 0) ? 1 : 0);

function systemRows() {
  return benchmarkSystems().map(({ name, input, solutions }) => ({
    name,
    solutions,
    prepare: (lps) => ({ system: lps.parseSystem(input), own: { start: 'total-degree' } }),
  }));
}

/** Files with finitely many solutions, all of them known to be simple or with their multiplicities. */
function fileRows() {
  const folder = join(root, 'test', 'data', 'systems');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    .filter(({ finiteSolutions }) => finiteSolutions?.gbDimension === 0)
    .map((file) => ({
      name: `file/${file.name}`,
      isLong: true,
      solutions: null,
      prepare: (lps) => ({ system: lps.parseSystem(file), own: {} }),
    }));
}

/** Both networks solve their stationarity equations with the squared linear unit for ReLU, 1-2-1 with biases. */
function networkRow() {
  const csv = `x,t\n-1,1\n-0.5,0.2\n0.5,${-1 / 3}\n1,0.75\n`;
  return networkJob('network/s8', 465, (lps) => lps.readTable(csv, { x: ['x'], y: ['t'] }));
}

function mainJob() {
  return networkJob('main-job', 465, ({ standardize, readTable, DIABETES_CSV, DIABETES_TARGET }) =>
    standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] })),
  );
}

function networkJob(name, solutions, readData) {
  return {
    name,
    isLong: true,
    solutions,
    prepare(lps) {
      const { family, point } = lps.stationarityProblem({
        data: readData(lps),
        architecture: { layers: [1, 2, 1] },
        activation: { name: 'relu', degree: 2 },
        regularization: REGULARIZATION,
      });
      return {
        system: family.gradient,
        own: {
          parameters: point.parameters,
          start: 'multihomogeneous',
          partition: family.layout.groups,
        },
      };
    },
  };
}
