/**
 * Believed afterwards: a page reads data and weights as Node does: the embedded digits, compressed
 * IDX files, splits by seed, safetensors. The truth is Node's result for the same calls, itself
 * checked against the files in test/unit/data.
 */
import { gzipSync } from 'node:zlib';
import * as library from 'lps-webgpu';
import { expect, it } from 'vitest';
import { openPage } from '../helpers/page.js';

/** Runs in the page and here: everything as plain numbers. */
async function readEverything(
  lps: typeof library,
  images: readonly number[],
  labels: readonly number[],
): Promise<unknown> {
  const digits = await lps.digitsDataset();
  const parts = lps.standardizeParts(lps.trainValidationTestSplit(digits, { seed: 17 }));
  const idx = lps.readIdxDataset(
    await lps.gunzip(Uint8Array.from(images), 'images'),
    await lps.gunzip(Uint8Array.from(labels), 'labels'),
    { name: 'idx', classes: 10 },
  );
  const weights = {
    tensors: new Map([['a', { shape: [2], data: Float32Array.of(1.5, -0.1) }]]),
    metadata: {},
  };
  const file = lps.writeSafetensors(weights);
  const damaged = await lps.gunzip(Uint8Array.from(images.slice(0, -4)), 'images').then(
    () => 'read',
    (error: unknown) => String(error),
  );
  return {
    digits: [...digits.inputs],
    test: [...parts.test!.inputs],
    mean: Array.from(parts.train.normalization.mean),
    idx: [...idx.inputs],
    file: [...file],
    weights: [...lps.readSafetensors(file).tensors.get('a')!.data],
    damaged,
  };
}

it('reads data and weights in a page', async () => {
  const page = await openPage({ strict: true });
  const images = [...gzipSync(Buffer.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9]))];
  const labels = [...gzipSync(Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 4]))];
  const seen = await page.evaluateModule<unknown>(`async () => {
    const lps = await import('/dist/web/index.js');
    const readEverything = ${readEverything.toString()};
    return readEverything(lps, ${JSON.stringify(images)}, ${JSON.stringify(labels)});
  }`);
  expect(seen).toEqual(await readEverything(library, images, labels));
  expect(seen).toMatchObject({ idx: [7, 9], weights: [1.5, Math.fround(-0.1)] });
  await page.close();
});
