/** The worker thread (src/homotopy/track/worker.ts) as one text without imports, so that it starts from anywhere. */
import { build } from 'esbuild';

/**
 * @param {string} root
 * @param {'browser' | 'node'} platform
 * @returns {Promise<string>}
 */
export async function workerText(root, platform) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/homotopy/track/worker.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform,
    ...(platform === 'browser' && { conditions: ['browser'] }),
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}
