/**
 * Believed afterwards: an app that is bundled from the packed package works, whatever becomes of its workers; a part
 * of the package costs an app no more than is promised; the app's own device is left alone; an abort ends every phase
 * and keeps what was found. The truth: solution counts that are known, Chromium's enforcement of its policy, the
 * app's own error scope, and esbuild's and gzip's output.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runApp } from '../../harness/embedding/apps.mjs';
import { installPacked, sizesIn } from '../../harness/embedding/pack.mjs';
import { sizeOf } from '../../harness/embedding/sizes.mjs';
import { cyclic } from '../../src/page/solve/examples.js';
import { blocksRunBy } from '../helpers/code-blocks.js';
import { forEachEngine } from '../helpers/engine.js';
import { sharedBrowser } from '../helpers/page.js';

const jobs = ['circle f64', 'cyclic5 f64', 'initialize', 'train'];
/** What workers do; the rest of the package is the same code in every app. */
const workersJobs = ['circle f64', 'cyclic5 f64'];

describe('an app', () => {
  it('that esbuild bundled finds the worker that it left behind', async () => {
    const { wrong, warnings } = await runApp('esbuild', await sharedBrowser(), jobs);
    expect({ wrong, warnings }).toEqual({ wrong: [], warnings: [] });
  });

  it('of a library from another origin starts workers', async () => {
    const { wrong, warnings } = await runApp('other origin', await sharedBrowser(), workersJobs);
    expect({ wrong, warnings }).toEqual({ wrong: [], warnings: [] });
  });

  it('whose page is the one that the guide shows finds the library at another address', async () => {
    const [block] = blocksRunBy('test/browser/embedding.test.ts', 'docs/embedding.md');
    const page = await (await sharedBrowser()).newPage();
    const folder = mkdtempSync(join(tmpdir(), 'lps-guide-'));
    try {
      const installed = installPacked(folder);
      await page.setRequestInterception(true);
      page.on('request', (request) => {
        const { host, pathname } = new URL(request.url());
        const headers = { 'access-control-allow-origin': '*' };
        if (host === 'cdn.example' && pathname.startsWith('/lps-webgpu/')) {
          const body = readFileSync(join(installed, pathname.replace('/lps-webgpu/', '')));
          void request.respond({ body, headers, contentType: 'text/javascript' });
        } else if (host === 'app.example')
          void request.respond({ body: block!.code, contentType: 'text/html' });
        else void request.continue();
      });
      await page.goto('https://app.example/');
      await page.waitForFunction(() => document.body.textContent.includes('4 solutions'));
    } finally {
      await page.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('that may start no worker does the work itself, and says so once', async () => {
    const { wrong, warnings } = await runApp('strict policy', await sharedBrowser(), workersJobs);
    expect(wrong).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/no worker could be started.*embedding\.md/)]);
  });

  it('whose worker is killed goes on with another', async () => {
    const { wrong } = await runApp('worker killed', await sharedBrowser());
    expect(wrong).toEqual([]);
  });
});

it.each([
  ['./solver', 90],
  ['./network', 80],
  ['./initializer', 90],
  ['one kernel', 8],
  ['dense', 1],
  ['. without data', 160],
])('%s costs at most %i KiB at first', async (app, limit) => {
  const { first } = await sizeOf(app as Parameters<typeof sizeOf>[0]);
  expect(first / 1024).toBeLessThanOrEqual(limit);
});

it('the installed package takes at most 3 MB, in bytes and in blocks of a disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lps-installed-'));
  const { bytes, onDisk } = sizesIn(installPacked(folder));
  rmSync(folder, { recursive: true });
  expect(bytes).toBeLessThanOrEqual(onDisk);
  expect(onDisk).toBeLessThanOrEqual(3e6);
});

forEachEngine((engine) => {
  it("leaves the app's own device alone, within a budget of its frames", async () => {
    const seen = await engine.run(async (lps, gpu) => {
      const { device } = gpu;
      const mine = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
      device.pushErrorScope('validation');
      const ours = await lps.openGpu({ device, frameBudget: 4 });
      const system = lps.parseSystem('x^2 + y^2 - 1; x^2 - y');
      // A mistake of the app: a storage buffer cannot be mapped. It goes to the app's scope and to nobody else.
      device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.MAP_READ });
      const { counts } = await lps.solve(ours, system, { seed: 1, precision: 'gpu' });
      ours.close();
      const scoped = await device.popErrorScope();
      let lost = false;
      void device.lost.then(() => (lost = true));
      // Still there: the app's buffer can be used, in a submission of its own.
      device.pushErrorScope('validation');
      const encoder = device.createCommandEncoder();
      encoder.beginComputePass().end();
      device.queue.submit([encoder.finish()]);
      const after = await device.popErrorScope();
      mine.destroy();
      return { counts, scoped: scoped !== null, after: after?.message ?? null, lost };
    });
    expect(seen).toEqual({
      counts: { distinct: 4, nonsingular: 4, real: 2 },
      scoped: true,
      after: null,
      lost: false,
    });
  });

  it('solves and initializes without a GPU, and says so', async () => {
    const answer = await engine.run(async (lps) => {
      const system = lps.parseSystem('x^2 + y^2 - 1; x^2 - y');
      const { counts, adapter, precision } = await lps.solve(null, system, { seed: 1 });
      const net = lps.network({ input: [3], layers: [lps.dense(8), lps.relu(), lps.dense(1)] });
      const options = { method: 'orthogonal', seed: 3 } as const;
      const here = await lps.initialize(null, net, options);
      const inputs = Float32Array.of(1, 2, 3, -4, 5, -6);
      const outputs = await lps.forward(null, net, here, inputs);
      const error = await lps.solve(null, system, { precision: 'gpu' }).then(() => 'none', String);
      return {
        counts,
        described: adapter.description,
        precision: precision.mode,
        shapes: [...here.tensors.values()].map(({ shape }) => shape),
        tensors: [...here.tensors.values()].map(({ data }) => [...data]),
        outputs: [...outputs],
        error,
      };
    });
    expect(answer).toMatchObject({
      counts: { distinct: 4, nonsingular: 4, real: 2 },
      precision: 'f64',
      shapes: [[8, 3], [8], [1, 8], [1]],
    });
    expect(answer.described).toMatch(/no GPU/);
    const [[w1, b1, w2, b2], rows] = [
      answer.tensors as [number[], number[], number[], number[]],
      [
        [1, 2, 3],
        [-4, 5, -6],
      ],
    ];
    const expected = rows.map((row) =>
      b1.reduce((sum, bias, unit) => {
        const z = row.reduce((total, x, k) => total + w1[3 * unit + k]! * x, bias);
        return sum + w2[unit]! * Math.max(0, z);
      }, b2[0]!),
    );
    answer.outputs.forEach((output, k) => {
      expect(output).toBe(Math.fround(expected[k]!));
    });
    expect(answer.error).toMatch(/SolveError: `precision` 'gpu' needs a GPU/);
  });

  it('close() in the middle of a solve ends it with a typed error, at once', async () => {
    const ends = await engine.run(async (lps, gpu, text) => {
      const cyclic6 = lps.parseSystem(text);
      const end = async (precision: 'f64' | 'gpu') => {
        const ours = await lps.openGpu({ device: gpu.device, workers: 1 });
        return lps
          .solve(ours, cyclic6, {
            precision,
            start: 'total-degree',
            onProgress: ({ stage, done }) => {
              if (stage === 'tracking' && done > 0) ours.close();
            },
          })
          .then(
            () => 'no error',
            (error: Error) => error.name,
          );
      };
      const f64 = await end('f64');
      const onGpu = await end('gpu');
      const after = await lps.solve(gpu, lps.parseSystem('x^2 - 2'), { seed: 1 });
      return { f64, onGpu, after: after.counts.distinct };
    }, cyclic(6));
    expect(ends.f64).toMatch(/^(WorkerError|DeviceLostError)$/);
    expect(ends.onGpu).toMatch(/^(WorkerError|DeviceLostError)$/);
    expect(ends.after).toBe(2);
  });

  it('an abort ends any phase with what was found', async () => {
    const seen = await engine.run(async (lps, gpu, text) => {
      const cyclic6 = lps.parseSystem(text);
      const before = await lps.solve(gpu, cyclic6, { signal: AbortSignal.abort() });
      const streamed: number[] = [];
      const stop = new AbortController();
      const during = await lps.solve(gpu, cyclic6, {
        precision: 'f64',
        // 720 paths: enough to be stopped among them.
        start: 'total-degree',
        signal: stop.signal,
        onSolutions: (batch, paths) => {
          if (batch.length === paths.length) streamed.push(...paths);
        },
        onProgress: ({ stage, done }) => {
          if (stage === 'tracking' && done > 100) stop.abort();
        },
      });
      return {
        before: { partial: before.partial, tracked: before.paths.tracked },
        partial: during.partial,
        tracked: during.paths.tracked,
        total: during.start.paths,
        nonsingular: during.counts.nonsingular,
        streamed: streamed.length,
        different: new Set(streamed).size,
      };
    }, cyclic(6));
    expect(seen.before).toEqual({ partial: true, tracked: 0 });
    expect(seen.partial).toBe(true);
    expect(seen.tracked).toBeGreaterThan(100);
    expect(seen.tracked).toBeLessThan(seen.total);
    expect(seen.streamed).toBeGreaterThan(0);
    expect(seen.streamed).toBe(seen.different);
    expect(seen.nonsingular).toBeGreaterThan(0);
  });
});
