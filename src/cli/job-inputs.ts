/** What a job reads: from its files, or, when it goes on, from its checkpoint. */
import { readInput } from './read-input.js';

export class JobInputs {
  private readonly texts: Map<string, string>;

  /** @param known texts by name, of a job that goes on */
  constructor(known: Readonly<Record<string, string>> = {}) {
    this.texts = new Map(Object.entries(known));
  }

  /** Everything that was read so far, by name. */
  get known(): Record<string, string> {
    return Object.fromEntries(this.texts);
  }

  has(name: string): boolean {
    return this.texts.has(name);
  }

  /**
   * @param name of a file, or `-`
   * @param read how it is read the first time
   * @throws UsageError as `readInput`
   */
  async read(name: string, read: (name: string) => Promise<string> = readInput): Promise<string> {
    let text = this.texts.get(name);
    if (text === undefined) this.texts.set(name, (text = await read(name)));
    return text;
  }
}
