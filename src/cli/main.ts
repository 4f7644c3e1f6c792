/** The program `lps`: everything else in this folder is a module. */
import { ExitCode } from './errors.js';
import { listenForInterrupts } from './interrupt.js';
import { runCommandLine } from './program.js';
import { watchStreams } from './streams.js';

listenForInterrupts();
const outputFailed = watchStreams();
process.exitCode = await runCommandLine(process.argv.slice(2));
outputFailed();
// Whoever has pressed Ctrl-C does not wait for a GPU that is still at work.
if (process.exitCode === ExitCode.interrupted) process.exit();
