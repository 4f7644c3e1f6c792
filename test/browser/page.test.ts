/**
 * Believed afterwards: the self-contained bundle works in a real headless page, also under a
 * Content-Security-Policy that forbids eval, WebAssembly and everything from elsewhere. The truth is
 * Chromium's own enforcement, which the test first sees at work.
 */
import { expect, it } from 'vitest';
import { openPage } from '../helpers/page.js';

it('opens a GPU in a plain page without any bundler', async () => {
  const page = await openPage();
  const info = await page.evaluateModule<{ runtime: string; mode: string }>(`async () => {
    const { openGpu } = await import('/dist/web/index.js');
    const gpu = await openGpu();
    const answer = { runtime: gpu.info.runtime, mode: gpu.precision.mode };
    gpu.close();
    return answer;
  }`);
  expect(info.runtime).toBe('browser');
  expect(['plain', 'barrier', 'integer']).toContain(info.mode);
  await page.close();
});

it('works under a policy that forbids eval', async () => {
  const page = await openPage({ strict: true });
  const seen = await page.evaluateModule<{
    evaluated: string;
    compiled: string;
    passed: boolean;
  }>(`async () => {
    let evaluated = 'allowed';
    try { (0, eval)('1'); } catch (error) { evaluated = error.name; }
    let compiled = 'allowed';
    try { await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); } catch (error) { compiled = error.name; }
    const { openGpu } = await import('/dist/web/index.js');
    const gpu = await openGpu();
    const answer = { evaluated, compiled, passed: gpu.precision.passed };
    gpu.close();
    return answer;
  }`);
  expect(seen).toEqual({ evaluated: 'EvalError', compiled: 'CompileError', passed: true });
  // The two refusals that this test asked for, and nothing that the library did.
  expect(page.errors.splice(0).every((error) => error.includes('Content Security Policy'))).toBe(
    true,
  );
  await page.close();
});

it('an insecure or old page gets an error that says so', async () => {
  const page = await openPage();
  const message = await page.evaluateModule<string>(`async () => {
    Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
    const { openGpu } = await import('/dist/web/index.js');
    return openGpu().then(() => 'opened', (error) => error.name + ': ' + error.message);
  }`);
  expect(message).toMatch(
    /^GpuUnavailableError: no WebGPU device: browser: navigator\.gpu is missing/,
  );
  expect(message).toMatch(/Chrome/);
  await page.close();
});
