/** Asks for the start system of what is typed; a newer question ends an older one. */
import { LpsError } from '../../math/lps-error.js';
import type { StartAnswer, StartQuestion } from './start-worker.js';

export type Start = Extract<StartAnswer, { readonly error: null }>;

/** The system cannot be solved as it is; the text is what the library said. */
export class StartError extends LpsError {
  override readonly name = 'StartError';
  override readonly kind = 'input';
}

export class StartPreview {
  #worker: Worker | null = null;
  #asked = '';
  #answer: Promise<Start> | null = null;

  /**
   * The start system that would be used.
   *
   * @returns never when another question comes before the answer
   * @throws StartError
   */
  ask(question: StartQuestion): Promise<Start> {
    const asked = JSON.stringify(question);
    if (this.#answer && asked === this.#asked) return this.#answer;
    this.#asked = asked;
    this.#answer = this.#search(question);
    // Whoever waits handles it; that nobody waits any more is no error.
    this.#answer.catch(() => undefined);
    return this.#answer;
  }

  #search(question: StartQuestion): Promise<Start> {
    this.#worker?.terminate();
    const worker = new Worker(new URL('./start-worker.js', import.meta.url), { type: 'module' });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<StartAnswer>) => {
        worker.terminate();
        if (data.error === null) resolve(data);
        else reject(new StartError(data.error));
      };
      worker.onerror = ({ message }) => {
        worker.terminate();
        reject(
          new StartError(`The start system could not be searched: ${message}. Reload the page.`),
        );
      };
      worker.postMessage(question);
    });
  }
}
