/** Opens the guest that a run asks for, and loads no other. */
import type { RunOptions } from '../../generated/result.js';
import type { Guest, GuestOptions } from './guest.js';

/** @throws UsageError when there is nothing to open */
export async function openGuest(
  runtime: RunOptions['runtime'],
  options: GuestOptions,
): Promise<Guest> {
  if (runtime === 'browser') {
    const { openBrowserGuest } = await import('./browser-guest.js');
    return openBrowserGuest(options);
  }
  const { openProcessGuest } = await import('./process-guest.js');
  return openProcessGuest(runtime, options);
}
