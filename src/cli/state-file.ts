/**
 * What a job needs to go on, as one file that is replaced in one step: numbers, typed arrays, lists and
 * objects of such, bit for bit as they were.
 */
import { existsSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { reasonOf } from './output.js';
import { readSealedBytes, writeSealedBytes } from './sealed-file.js';

/** Between two writes at least, and so much longer than the last one took. */
const PAUSE_MS = 1000;
const PAUSE_FACTOR = 20;
const SEAL = { kind: 'state of a job', version: 1 };

export class StateFile<State> {
  private next = -Infinity;
  private isLost = false;

  /** @param onLost told once when nothing can be written any more; the job goes on */
  constructor(
    readonly path: string,
    private readonly onLost: (reason: string) => void,
  ) {}

  /** @throws UsageError when what is there is damaged or of another version */
  read(): State | undefined {
    if (!existsSync(this.path)) return undefined;
    return deserialize(readSealedBytes(this.path, SEAL)) as State;
  }

  /** Whether it is time to write again: at most a twentieth of the time goes into writing. */
  get isDue(): boolean {
    return !this.isLost && performance.now() >= this.next;
  }

  /** Writes now. */
  write(state: State): void {
    if (this.isLost) return;
    const begin = performance.now();
    try {
      writeSealedBytes(this.path, SEAL, serialize(state));
    } catch (error) {
      this.isLost = true;
      this.onLost(reasonOf(error));
    }
    const end = performance.now();
    this.next = end + Math.max(PAUSE_MS, PAUSE_FACTOR * (end - begin));
  }
}
