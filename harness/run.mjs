/**
 * `npm start`, `npm test` and `npm run lps`: set up what is missing, then run the command.
 *
 *   node harness/run.mjs start          the main job (lps start)
 *   node harness/run.mjs lps ARGUMENTS  the command line
 *   node harness/run.mjs test [FILES]   type check, lint, format check, tests
 */
import { pathToFileURL } from 'node:url';
import { ensureSetup } from './setup.mjs';
import { SetupError, root, say } from './setup/paths.mjs';

const [command, ...rest] = process.argv.slice(2);

try {
  const setup = await ensureSetup();
  if (command === 'test') {
    const { runTests } = await import('./test.mjs');
    process.exitCode = await runTests(rest, setup);
  } else if (command === 'start' || command === 'lps') {
    // In this process, so that Ctrl-C and the terminal belong to the command alone.
    process.argv = [process.argv[0], 'lps', ...(command === 'start' ? ['start'] : []), ...rest];
    await import(pathToFileURL(`${root}/dist/cli.js`).href);
  } else {
    throw new SetupError(`unknown command ${command}: use start, lps or test`);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
