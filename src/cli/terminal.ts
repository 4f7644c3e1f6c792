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
/** Paths that end together: their number is what is known of the speed. */
const PATHS_PER_SAMPLE = 64;
/** An estimate that may be wrong by more than this is given as a range. */
const SURE = 0.25;

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
  return [
    `${stage} ${count(done)} of ${count(total)} paths (${share}%)`,
    ...classes,
    `${count(Math.round(progress.pathsPerSecond))}/s`,
    ...(stage === 'tracking' && done > 0 ? [`${describeTimeLeft(progress)} left`] : []),
  ].join(', ');
}

/** A range at first: two standard errors of a mean over as many samples as have ended. */
function describeTimeLeft({ done, secondsLeft }: SolveProgress): string {
  const error = 2 / Math.sqrt(Math.max(1, done / PATHS_PER_SAMPLE));
  const text = (seconds: number): string => duration(1000 * seconds);
  return error <= SURE
    ? text(secondsLeft)
    : `${text(secondsLeft / (1 + error))} to ${text(secondsLeft * (1 + error))}`;
}
