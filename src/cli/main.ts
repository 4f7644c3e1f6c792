/** The program `lps`: everything else in this folder is a module. */
import { listenForInterrupts } from './interrupt.js';
import { runCommandLine } from './program.js';
import { watchStreams } from './streams.js';

listenForInterrupts();
const outputFailed = watchStreams();
process.exitCode = await runCommandLine(process.argv.slice(2));
outputFailed();
