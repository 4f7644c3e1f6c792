/**
 * The suites on a visitor's GPU, in a worker of the live page (src/page/benchmark/suites.ts): one message in,
 * notes and rows out, and the page ends the worker to stop it.
 *
 * There is no host here: no CPU clock, no programs outside, no files but those beside the page.
 */
import { describeRuntime, runSuite, type Message } from './main.js';
import type { SuiteOptions } from './types.js';

interface Order {
  readonly suites: readonly string[];
  readonly options: SuiteOptions;
}

interface Scope {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent<Order>) => void) | null;
}
const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data }) => {
  run(data).then(
    () => {
      scope.postMessage({ type: 'end' });
    },
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      scope.postMessage({ type: 'failure', text });
    },
  );
};

async function run({ suites, options }: Order): Promise<void> {
  scope.postMessage({ type: 'runtime', runtime: await describeRuntime(options) });
  for (const suite of suites) {
    scope.postMessage({ type: 'suite', name: suite });
    await runSuite(suite, options, (message) => answer(suite, message));
  }
}

async function answer(suite: string, message: Message): Promise<unknown> {
  switch (message.type) {
    case 'note':
      scope.postMessage(message);
      return null;
    case 'row':
      scope.postMessage({ ...message, suite });
      return null;
    case 'cpu':
      return null;
    case 'call':
      return message.name === 'system' ? readSystem(message.argument as string) : null;
  }
}

/** One of test/data/systems, which the build put beside the page. */
async function readSystem(name: string): Promise<{ input: unknown; solutions: number }> {
  const response = await fetch(new URL(`./systems/${name}.json`, import.meta.url));
  if (!response.ok) throw new Error(`systems/${name}.json is missing beside the page`);
  const input = (await response.json()) as {
    readonly finiteSolutions: { readonly isolatedDistinctNonsingular: number };
  };
  return { input, solutions: input.finiteSolutions.isolatedDistinctNonsingular };
}
