/**
 * `npm start`, `npm test`, `npm run lps` and the tools: set up what is missing, then run the command.
 *
 *   node harness/run.mjs start          the main job (lps start)
 *   node harness/run.mjs lps ARGUMENTS  the command line
 *   node harness/run.mjs test [FILES]   type check, lint, format check, tests
 *   node harness/run.mjs TOOL ARGUMENTS a tool of tools.mjs
 *   node harness/run.mjs TOOL --help    what it does and takes; without TOOL, the list of them
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureSetup } from './setup.mjs';
import { SetupError, endOnInterrupt, root, say } from './setup/paths.mjs';
import { commands } from './tools.mjs';

const [command, ...rest] = process.argv.slice(2);
endOnInterrupt();
const built = (name) => import(pathToFileURL(`${root}/dist/${name}`).href);

/** The comment that opens a file, as text: there each tool says how it is called. */
function opening(file) {
  const [, comment] = /\/\*\*(.*?)\*\//s.exec(readFileSync(file, 'utf8'));
  return comment.replaceAll(/^ *\* ?/gm, '').trim();
}

const isTool = Object.hasOwn(commands, command ?? '');
if (command === '--help' || (isTool && rest.includes('--help'))) {
  console.log(
    isTool
      ? opening(`${root}/${commands[command]}`)
      : `${opening(fileURLToPath(import.meta.url))}\n\nTools: ${Object.keys(commands).join(', ')}`,
  );
  process.exit();
}

try {
  const setup = await ensureSetup();
  if (command === 'test') {
    const { runTests } = await import('./test.mjs');
    process.exitCode = await runTests(rest, setup);
  } else if (command === 'start' || command === 'lps') {
    // In this process, so that Ctrl-C and the terminal belong to the command alone.
    process.argv = [process.argv[0], 'lps', ...(command === 'start' ? ['start'] : []), ...rest];
    await built('cli.js');
  } else if (isTool) {
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
