/** The program `lps`: everything else in this folder is a module. */
import { runCommandLine } from './program.js';

// `lps solve ... | head` closes the pipe early; that is the reader's right and no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCommandLine(process.argv.slice(2));
