/**
 * Believed afterwards: set-up asks again when the machine's graphics drivers change and hands on
 * environments as meant. The truth is the rule stated in each function's header.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { prepend } from '../../../harness/setup/embedded.mjs';
import { changedEnvironment } from '../../../harness/setup/paths.mjs';
import { driverFingerprint } from '../../../harness/setup/vulkan.mjs';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('changes, adds and takes away variables', () => {
  vi.stubEnv('LPS_KEPT', 'kept');
  vi.stubEnv('LPS_GONE', 'here');
  const environment = changedEnvironment({ LPS_GONE: null, LPS_NEW: 'new' });
  expect(environment).toMatchObject({ LPS_KEPT: 'kept', LPS_NEW: 'new' });
  expect(environment).not.toHaveProperty('LPS_GONE');
});

it('puts a folder first without an empty entry, which would mean the current folder', () => {
  expect(prepend('/a', undefined)).toBe('/a');
  expect(prepend('/a', '')).toBe('/a');
  expect(prepend('/a', '/b:/c')).toBe('/a:/b:/c');
});

it('the fingerprint is stable, and changes with a choice of driver', () => {
  const before = driverFingerprint();
  expect(driverFingerprint()).toBe(before);
  vi.stubEnv('VK_DRIVER_FILES', '/somewhere/driver.json');
  expect(driverFingerprint()).not.toBe(before);
});
