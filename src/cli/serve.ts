/** `lps serve`: the live page on this machine. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { wholeNumber } from './common-options.js';
import { ExitCode, UsageError } from './errors.js';
import { abortOnInterrupt } from './interrupt.js';
import { serveFolder } from './static-server.js';

const LAST_PORT = 65_535;

const EXAMPLES = `
The page computes in the browser; this only hands out its files, to this machine alone. They lie in
dist/page, and any static host serves them as well.

Examples:
  $ lps serve
  $ lps serve --port 0`;

/** Adds the command; `done` receives the exit code. */
export function addServeCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('serve')
    .summary('the live page: solve, minima, train and benchmark in a browser')
    .description('Serves the live page on 127.0.0.1 until Ctrl-C.')
    .option('--port <number>', '0 takes any free one', wholeNumber, 8080)
    .addHelpText('after', EXAMPLES)
    .action(async ({ port }: { readonly port: number }) => {
      done(await serve(port));
    });
}

async function serve(port: number): Promise<ExitCode> {
  if (port > LAST_PORT)
    throw new UsageError(`port ${port} does not exist: the last is ${LAST_PORT}`);
  // Beside this code, where it is bundled.
  const folder = fileURLToPath(new URL('./page', import.meta.url));
  if (!existsSync(folder))
    throw new UsageError('the page is not built: run "npm run build" in the repository');
  const server = await serveFolder(folder, port);
  const signal = abortOnInterrupt(() => undefined);
  process.stdout.write(`${server.url}\n`);
  process.stderr.write('open this address in a browser; Ctrl-C ends\n');
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
  return ExitCode.success;
}
