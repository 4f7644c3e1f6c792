/** A guest is the place where suites run: a headless page, a Node or a Deno process. */
import type { Message } from '../page/main.js';
import type { PageRecord, RunOptions, SuiteOptions } from '../page/types.js';

/** What a guest tells on its own. */
export type Report = Extract<Message, { readonly type: 'note' | 'row' }>;

export interface GuestOptions {
  readonly adapter: RunOptions['adapter'];
  /** Of the page server; 0 for any free one. */
  readonly port: number;
  readonly peers: boolean;
  readonly onMessage: (message: Report) => void;
}

export interface Guest {
  readonly processId: number;
  readonly version: string;
  /** What it was started with. */
  readonly flags: readonly string[];
  /** What runtime and adapter this is. */
  describe(options: SuiteOptions): Promise<PageRecord>;
  /** Runs one suite; its rows and notes go to `onMessage`. */
  run(suite: string, options: SuiteOptions): Promise<void>;
  /** Ends what was started, and nothing else. */
  close(): Promise<void>;
}
