/**
 * Standard error as the user sees it: notes, and one progress line that is rewritten in place on a
 * terminal. Into a file or a pipe there is no line to rewrite: long jobs then leave a plain line
 * now and then.
 */
import type { SolveProgress } from '../homotopy/index.js';
import { count, duration } from './numbers.js';
import { printable } from './printable.js';

/** Between two rewrites of the progress line. */
const REDRAW_MS = 100;
/** Shorter jobs leave no plain line. */
const PLAIN_DELAY_MS = 3_000;
/** Between two plain lines. */
const PLAIN_MS = 10_000;
const DEFAULT_COLUMNS = 100;
/** Share of the paths before which nobody can tell how long the rest takes. */
const FORESEEABLE = 0.02;

export class Terminal {
  #shown = false;
  #last: number;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.#last = stream.isTTY ? -Infinity : performance.now() - PLAIN_MS + PLAIN_DELAY_MS;
  }

  /** Columns of the terminal, or a sensible width when there is none. */
  static get columns(): number {
    return process.stdout.columns || DEFAULT_COLUMNS;
  }

  /** Writes a line of its own. */
  note(text: string): void {
    this.clear();
    this.stream.write(`${printable(text)}\n`);
  }

  /** Shows how far a solve is. */
  progress(label: string, progress: SolveProgress): void {
    this.status(() => `${label}${describe(progress)}`);
  }

  /** Shows how far any job is; the line is only made when it is due. */
  status(describeJob: () => string): void {
    const now = performance.now();
    if (now - this.#last < (this.stream.isTTY ? REDRAW_MS : PLAIN_MS)) return;
    this.#last = now;
    const line = printable(describeJob());
    if (this.stream.isTTY) {
      this.stream.write(
        `\r\u001b[2K${line.slice(0, (this.stream.columns || DEFAULT_COLUMNS) - 1)}`,
      );
      this.#shown = true;
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  /** Takes the progress line away. */
  clear(): void {
    if (!this.#shown) return;
    this.stream.write('\r\u001b[2K');
    this.#shown = false;
  }
}

/** Short enough for 80 columns; what is zero is left out. */
function describe(progress: SolveProgress): string {
  const { stage, done, total } = progress;
  if (stage === 'compiling') return 'compiling';
  const share = total > 0 ? Math.floor((100 * done) / total) : 100;
  const classes = (['regular', 'singular', 'atInfinity', 'failed'] as const)
    .filter((name) => progress[name] > 0)
    .map((name) => `${count(progress[name])} ${name === 'atInfinity' ? 'at infinity' : name}`);
  const foreseeable = stage === 'tracking' && done >= total * FORESEEABLE;
  return [
    `${stage} ${count(done)} of ${count(total)} paths (${share}%)`,
    ...classes,
    `${count(Math.round(progress.pathsPerSecond))}/s`,
    ...(foreseeable ? [`${duration(1000 * progress.secondsLeft)} left`] : []),
  ].join(', ');
}
