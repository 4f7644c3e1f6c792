#!/usr/bin/env node
/**
 * The `lps` command of an installed package: makes sure that Dawn finds an adapter (a software one
 * on Linux x64 when there is no other), then runs the command line in this process.
 */
import { SetupError, endOnInterrupt, isCheckout, say } from './setup/paths.mjs';

endOnInterrupt();

try {
  if (isCheckout) {
    const { ensureSetup } = await import('./setup.mjs');
    await ensureSetup();
  } else {
    const { ensureVulkan } = await import('./setup/vulkan.mjs');
    ensureVulkan();
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  // Not the end: `lps --help` and everything without a GPU still work, and openGpu explains itself.
  say(error.message);
}
await import('../dist/cli.js');
