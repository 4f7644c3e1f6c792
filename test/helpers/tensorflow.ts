/** TensorFlow.js with its CPU backend and all gradients, in one piece: as the thousand modules it consists of, reading it takes ten times as long. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type * as TensorFlow from '@tensorflow/tfjs-core';

export async function loadTensorFlow(): Promise<typeof TensorFlow> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    // Its builds for Node are whole files, which would hold the core twice.
    mainFields: ['module', 'main'],
    external: ['node-fetch'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(process.execPath);",
    },
    logLevel: 'error',
  });
  const [{ contents }] = outputFiles as [(typeof outputFiles)[number]];
  const address = `data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`;
  return (await import(/* @vite-ignore */ address)) as typeof TensorFlow;
}
