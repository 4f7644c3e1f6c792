/** Runs program.js in a page and says what it answered, how long the page stood still, and what went wrong. */
import { serve } from '../../dist/internals/server.js';

/** What every job must answer. */
export const truth = {
  'circle f64': { distinct: 4, nonsingular: 4, real: 2, exact: 'equal', failed: 0 },
  'circle auto': { distinct: 4, nonsingular: 4, real: 2, exact: 'equal', failed: 0 },
  // The exact counts of these need a worker, or more than the second that they are given.
  'cyclic5 f64': { distinct: 70, nonsingular: 70, real: 10, failed: 0 },
  'cyclic5 auto': { distinct: 70, nonsingular: 70, real: 10, failed: 0 },
  'cyclic7 f64': { distinct: 924, nonsingular: 924, real: 56, failed: 0 },
  'cyclic7 auto': { distinct: 924, nonsingular: 924, real: 56, failed: 0 },
  initialize: { tensors: 6, inactive: 0 },
  train: { steps: 12, falls: true },
};

/**
 * @param {import('puppeteer-core').Browser} browser
 * @param {{ folders: Record<string, string>, script: string, head?: string, policy?: string,
 *   headers?: Record<string, string>, jobs: string[], options?: object,
 *   during?: (page: import('puppeteer-core').Page) => Promise<void> }} app
 *   or { address } of a page that is served already; `script` is the address of a module that puts `run` of program.js on the page; `options` go to
 *   openGpu; `during` is called once the jobs have begun.
 */
export async function drive(browser, app) {
  const { folders, script, head = '', policy, jobs, options, during } = app;
  const pages = {
    '/': `<!doctype html><meta charset="utf-8"><title>app</title>${head}<script type="module" src="/start.js"></script>`,
    '/start.js': `import ${JSON.stringify(script)};`,
  };
  const server = app.address
    ? { url: app.address, close: () => undefined }
    : await serve({ folders, pages, ...(policy && { policy }) });
  const page = await browser.newPage();
  const messages = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url?.endsWith('/favicon.ico'))
      messages.push(message.text());
  });
  page.on('pageerror', (error) => messages.push(String(error)));
  try {
    await page.goto(server.url);
    await page.waitForFunction('globalThis.run !== undefined', { timeout: 60_000 });
    await page.evaluate(
      (jobs, options) => {
        new globalThis.PerformanceObserver((list) => {
          for (const { duration } of list.getEntries())
            globalThis.longest = Math.max(globalThis.longest ?? 0, duration);
        }).observe({ type: 'longtask' });
        globalThis.outcome = globalThis.run(jobs, options).then(
          (answers) => ({ answers }),
          (error) => ({ error: `${error.name}: ${error.message}` }),
        );
      },
      jobs,
      options ?? {},
    );
    await during?.(page);
    // It may take minutes, and one call to a page no more than three.
    await page.evaluate('outcome.then(() => (globalThis.isOver = true)), undefined');
    while (!(await page.evaluate('globalThis.isOver')))
      await new Promise((resolve) => setTimeout(resolve, 100));
    const outcome = await page.evaluate('globalThis.outcome');
    const longestTaskMs = await page.evaluate('globalThis.longest ?? 0');
    return { ...outcome, longestTaskMs, messages };
  } finally {
    await page.close();
    await server.close();
  }
}

/** What is wrong with the answers, line by line. */
export function faults(answers, jobs) {
  return jobs.flatMap((job) =>
    Object.entries(truth[job])
      .filter(([key, value]) => answers[job][key] !== value)
      .map(([key, value]) => `${job}: ${key} is ${answers[job][key]} instead of ${value}`),
  );
}
