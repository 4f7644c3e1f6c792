/**
 * `npm start`, `npm test`, `npm run lps` and the tools: set up what is missing, then run the command.
 *
 *   node harness/run.mjs start          the main job (lps start)
 *   node harness/run.mjs lps ARGUMENTS  the command line
 *   node harness/run.mjs test [FILES]   type check, lint, format check, tests
 *   node harness/run.mjs TOOL ARGUMENTS a tool of tools.mjs; what it takes is said in its file
 */
import { pathToFileURL } from 'node:url';
import { ensureSetup } from './setup.mjs';
import { SetupError, endOnInterrupt, root, say } from './setup/paths.mjs';
import { commands } from './tools.mjs';

const [command, ...rest] = process.argv.slice(2);
endOnInterrupt();
const built = (name) => import(pathToFileURL(`${root}/dist/${name}`).href);

try {
  const setup = await ensureSetup();
  if (command === 'test') {
    const { runTests } = await import('./test.mjs');
    process.exitCode = await runTests(rest, setup);
  } else if (command === 'start' || command === 'lps') {
    // In this process, so that Ctrl-C and the terminal belong to the command alone.
    process.argv = [process.argv[0], 'lps', ...(command === 'start' ? ['start'] : []), ...rest];
    await built('cli.js');
  } else if (Object.hasOwn(commands, command ?? '')) {
    const { main } = await built(`internals/${command}.js`);
    process.exitCode = await main(rest);
  } else {
    const names = ['start', 'lps', 'test', ...Object.keys(commands)];
    throw new SetupError(`unknown command ${command}: use ${names.join(', ')}`);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
