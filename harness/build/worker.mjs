/** The worker thread (src/entries/worker.ts) as one text without imports, so that it starts from anywhere. */
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Its name, beside each module that starts it. */
export const WORKER = 'lps-worker.js';

/** The modules of ml-matrix: the package's entry is CommonJS, of which bundlers can leave nothing out. */
export const matrixModules = join(
  dirname(createRequire(import.meta.url).resolve('ml-matrix')),
  'src',
  'index.js',
);

/**
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function workerText(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/entries/worker.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    alias: { 'ml-matrix': matrixModules },
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}
