/**
 * Apps made of the packed package, outside of the checkout, and what happens when they run in a browser.
 */
import { build } from 'esbuild';
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serve, strictPolicy } from '../../dist/internals/server.js';
import { root } from '../setup/paths.mjs';
import { drive, faults, truth } from './drive.mjs';
import { installPacked } from './pack.mjs';

const all = Object.keys(truth);

/**
 * Each takes the app's folder, which has src/main.js and the package in node_modules, and returns what `drive`
 * takes besides the jobs; or `answer`, which does the jobs without a browser.
 */
export const apps = {
  esbuild: { jobs: all, make: bundled },
  'import map': {
    jobs: all,
    make: (folder) => mapped(folder, '/node_modules/lps-webgpu/dist/web/'),
  },
  'other origin': {
    jobs: all,
    async make(folder) {
      const cdn = await serve({
        folders: { '/lps/': join(folder, 'node_modules', 'lps-webgpu', 'dist', 'web') },
        headers: { 'access-control-allow-origin': '*' },
      });
      return { ...mapped(folder, `${cdn.url}lps/`), close: cdn.close };
    },
  },
  'strict policy': {
    jobs: all,
    make: async (folder) => ({ ...(await bundled(folder)), policy: strictPolicy }),
  },
  'strict policy, own worker': {
    jobs: all,
    async make(folder) {
      startsWorkers(folder, '/app/lps-worker.js');
      const worker = join(folder, 'node_modules', 'lps-webgpu', 'dist', 'web', 'lps-worker.js');
      return { ...(await bundled(folder, { 'lps-worker': worker })), policy: strictPolicy };
    },
  },
  'worker missing': {
    jobs: all,
    make(folder) {
      startsWorkers(folder, '/nothing/lps-worker.js');
      return bundled(folder);
    },
  },
  'module worker': {
    jobs: all,
    make(folder) {
      writeFileSync(
        join(folder, 'src', 'job-worker.js'),
        `import { run } from './program.js';
onmessage = ({ data }) => run(...data).then(
  (answers) => postMessage({ answers }),
  (error) => postMessage({ error: String(error) }),
);`,
      );
      writeFileSync(
        join(folder, 'src', 'main.js'),
        `globalThis.run = (...jobs) => new Promise((resolve, reject) => {
  const worker = new Worker('/app/job-worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.answers));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(jobs);
});`,
      );
      return bundled(folder, { 'job-worker': join(folder, 'src', 'job-worker.js') });
    },
  },
  node: { jobs: all, make: (folder) => ({ answer: (jobs) => inNode(folder, jobs) }) },
  deno: { jobs: all, make: (folder) => ({ answer: (jobs) => inDeno(folder, jobs) }) },
  'worker killed': {
    jobs: ['cyclic7 f64'],
    make: async (folder) => ({
      ...mapped(folder, '/node_modules/lps-webgpu/dist/web/'),
      async during(page) {
        const worker =
          page.workers()[0] ??
          (await new Promise((resolve) => page.once('workercreated', resolve)));
        await new Promise((resolve) => setTimeout(resolve, 300));
        await worker.close();
      },
    }),
  },
  vite: { jobs: all, make: (folder) => viteBuilt(folder), needs: ['vite'] },
  'vite dev': { jobs: all, make: viteDev, needs: ['vite'] },
  'vite 6 dev': { jobs: all, make: viteDev, needs: ['vite@6'] },
  webpack: { jobs: all, make: webpackBuilt, needs: ['webpack', 'webpack-cli'] },
  next: { jobs: all, make: nextBuilt, needs: ['next', 'react', 'react-dom'] },
};

/**
 * Makes an app and runs it.
 *
 * @param {string} name of one of `apps`
 * @param {import('puppeteer-core').Browser} browser
 * @param {string[]} [jobs] of program.js; the app's own unless stated
 * @returns {Promise<{ wrong: string[], warnings: string[], longestTaskMs: number, messages: string[] }>}
 */
export async function runApp(name, browser, jobs = apps[name].jobs) {
  const folder = mkdtempSync(join(tmpdir(), 'lps-app-'));
  const { make, needs } = apps[name];
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    // First, because npm takes away what it has not installed.
    if (needs) npm(folder, ['install', '--no-audit', '--no-fund', ...needs]);
    installPacked(folder);
    mkdirSync(join(folder, 'src'));
    cpSync(join(root, 'harness', 'embedding', 'program.js'), join(folder, 'src', 'program.js'));
    writeFileSync(
      join(folder, 'src', 'main.js'),
      `import { run } from './program.js';\nglobalThis.run = run;\n`,
    );
    const { close, ...app } = await make(folder);
    try {
      const { answers, error, longestTaskMs, messages } = app.answer
        ? { answers: await app.answer(jobs), longestTaskMs: 0, messages: [] }
        : await drive(browser, { ...app, jobs });
      const wrong = error ? [error] : faults(answers, jobs);
      const warnings = Object.values(answers ?? {}).flatMap((answer) => answer.warnings ?? []);
      return { wrong, warnings: [...new Set(warnings)], longestTaskMs, messages };
    } finally {
      await close?.();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param more entry points beside main, by name */
async function bundled(folder, more = {}) {
  await build({
    entryPoints: { main: join(folder, 'src', 'main.js'), ...more },
    bundle: true,
    minify: true,
    format: 'esm',
    outdir: join(folder, 'out'),
    logLevel: 'error',
  });
  return { folders: { '/app/': join(folder, 'out') }, script: '/app/main.js' };
}

/** The app starts the library's workers itself. */
function startsWorkers(folder, address) {
  writeFileSync(
    join(folder, 'src', 'main.js'),
    `import { run } from './program.js';
const createWorker = () => new Worker('${address}', { type: 'module' });
globalThis.run = (jobs, options) => run(jobs, { ...options, createWorker });
`,
  );
}

const printing = (jobs) => `import { run } from './src/program.js';
console.log(JSON.stringify(await run(${JSON.stringify(jobs)})));
process.exit(0);
`;
const require = createRequire(import.meta.url);

function inNode(folder, jobs) {
  // What users install beside the library.
  symlinkSync(join(root, 'node_modules', 'webgpu'), join(folder, 'node_modules', 'webgpu'));
  writeFileSync(join(folder, 'main.mjs'), printing(jobs));
  return printed(folder, [join(folder, 'main.mjs')]);
}

function inDeno(folder, jobs) {
  writeFileSync(join(folder, 'main.mjs'), `import process from 'node:process';\n${printing(jobs)}`);
  const map = join(folder, 'map.json');
  const library = './node_modules/lps-webgpu/dist/web/index.js';
  writeFileSync(map, JSON.stringify({ imports: { 'lps-webgpu': library } }));
  const deno = join(dirname(require.resolve('deno/package.json')), 'bin.cjs');
  const flags = ['--allow-all', '--no-lock', '--no-check', '--unstable-webgpu'];
  return printed(folder, [deno, 'run', ...flags, `--import-map=${map}`, 'main.mjs']);
}

/** The last line that a program prints, read as JSON. */
function printed(folder, parameters) {
  const output = execFileSync(process.execPath, parameters, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.trim().split('\n').at(-1));
}

function mapped(folder, address) {
  const imports = { 'lps-webgpu': `${address}index.js` };
  return {
    folders: { '/src/': join(folder, 'src'), '/node_modules/': join(folder, 'node_modules') },
    script: '/src/main.js',
    head: `<script type="importmap">${JSON.stringify({ imports })}</script>`,
  };
}

function viteBuilt(folder) {
  writeFileSync(join(folder, 'index.html'), '<script type="module" src="/src/main.js"></script>');
  npx(folder, ['vite', 'build', '--base', '/app/', '--logLevel', 'error']);
  const html = readFileSync(join(folder, 'dist', 'index.html'), 'utf8');
  return {
    folders: { '/app/': join(folder, 'dist') },
    script: /src="(\/app\/[^"]+\.js)"/.exec(html)[1],
  };
}

/** The dev server itself serves the page. */
async function viteDev(folder) {
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>app</title><script type="module" src="/src/main.js"></script>',
  );
  return served(folder, ['vite', '--host', '127.0.0.1', '--port', '0', '--strictPort', 'false']);
}

function webpackBuilt(folder) {
  writeFileSync(
    join(folder, 'webpack.config.js'),
    `export default { mode: 'production', entry: './src/main.js', output: { publicPath: '/app/' } };`,
  );
  npx(folder, ['webpack', '--stats', 'errors-only']);
  return { folders: { '/app/': join(folder, 'dist') }, script: '/app/main.js' };
}

/** A page that is rendered on the server, where the package is imported, too. */
async function nextBuilt(folder) {
  mkdirSync(join(folder, 'app'));
  writeFileSync(
    join(folder, 'app', 'layout.js'),
    `export default function Layout({ children }) { return <html><body>{children}</body></html>; }`,
  );
  writeFileSync(
    join(folder, 'app', 'page.js'),
    `'use client';
import { useEffect } from 'react';
import { parseSystem } from 'lps-webgpu';
import { run } from '../src/program.js';
export default function Page() {
  useEffect(() => { globalThis.run = run; }, []);
  return <p>{parseSystem('x^2 - 1').degrees.join()}</p>;
}`,
  );
  npx(folder, ['next', 'build']);
  return served(folder, ['next', 'start', '--hostname', '127.0.0.1', '--port', '0']);
}

/** Starts a server that prints its address. */
async function served(folder, command) {
  const child = spawn('npx', ['--no-install', ...command], { cwd: folder, detached: true });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    const read = (data) => {
      // eslint-disable-next-line no-control-regex
      said += String(data).replace(/\x1b\[[0-9;]*m/g, '');
      const found = /http:\/\/127\.0\.0\.1:\d+\/?/.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => {
      reject(new Error(said));
    });
  });
  return { address, close: () => process.kill(-child.pid) };
}

function npm(folder, parameters) {
  execFileSync('npm', parameters, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function npx(folder, parameters) {
  execFileSync('npx', ['--no-install', ...parameters], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  });
}
