/**
 * Whether this is Node, and its own modules where it is. They are asked for by `process.getBuiltinModule`, not imported:
 * the same files then run in Node, in Deno and in pages, and no bundler meets a name that a page does not have.
 */
import type os from 'node:os';
import type workerThreads from 'node:worker_threads';

interface NodeModules {
  readonly os: typeof os;
  readonly worker_threads: typeof workerThreads;
}

const { process } = globalThis as {
  readonly process?: {
    readonly versions?: { readonly node?: string };
    /** Of Electron, whose pages have Node's modules and are pages all the same. */
    readonly type?: string;
    getBuiltinModule(name: string): unknown;
  };
};

/** Deno has a `process`, too, and all that pages have. */
export const isNode =
  process?.versions?.node !== undefined && process.type !== 'renderer' && !('Deno' in globalThis);

/** Only where `isNode`. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  return process!.getBuiltinModule(`node:${name}`) as NodeModules[Name];
}
