/**
 * A guest is the place where suites run: a headless page, a Node or a Deno process. All have the
 * same few verbs:
 *
 *   describe(options)      what runtime and adapter this is
 *   run(suite, options)    runs one suite; its rows and notes go to `onMessage`
 *   close()                ends what was started, and nothing else
 *   processId, version, flags
 *
 * @typedef {{ describe: (options: object) => Promise<object>, run: (suite: string, options: object) => Promise<void>,
 *   close: () => Promise<void>, processId: number, version: string, flags: string[] }} Guest
 */

/**
 * Opens a guest.
 * @param {'browser' | 'node' | 'deno'} runtime
 * @param {{ adapter: 'hardware' | 'software', port: number, onMessage: (message: object) => void }} options
 * @returns {Promise<Guest>}
 */
export async function openGuest(runtime, options) {
  if (runtime === 'browser') {
    const { openBrowserGuest } = await import('./browser-guest.mjs');
    return openBrowserGuest(options);
  }
  const { openProcessGuest } = await import('./process-guest.mjs');
  return openProcessGuest(runtime, options);
}
