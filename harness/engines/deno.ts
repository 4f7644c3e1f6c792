/** One Deno process, which gets functions as text. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { root } from '../setup/paths.mjs';
import { ensureVulkan } from '../setup/vulkan.mjs';
import { marker, type Answer } from './deno-host.mjs';

interface Session {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has said besides answers. */
  said: string;
  /** Called with its next answer, or with why there is none. */
  settle: (answer: Answer) => void;
}

let session: Session | undefined;

/** Evaluates the text of an async function without parameters there; its result is JSON. */
export async function runInDeno(functionText: string): Promise<unknown> {
  session ??= start();
  const { child } = session;
  const answered = new Promise<Answer>((resolve) => (session!.settle = resolve));
  child.stdin.write(`${JSON.stringify(functionText)}\n`);
  const answer = await answered;
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.result;
}

/** Ends that process, if there is one. */
export function closeDeno(): void {
  session?.child.stdin.end();
}

function start(): Session {
  const deno = join(
    dirname(createRequire(import.meta.url).resolve('deno/package.json')),
    'bin.cjs',
  );
  const host = join(root, 'harness', 'engines', 'deno-host.mjs');
  const options = ['--quiet', '--no-config', '--no-remote', '--allow-all', '--unstable-webgpu'];
  const { environment } = ensureVulkan();
  const child = spawn(process.execPath, [deno, 'run', ...options, host], {
    env: { ...process.env, ...environment, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const started: Session = { child, said: '', settle: () => undefined };
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith(marker)) started.settle(JSON.parse(line.slice(marker.length)) as Answer);
    else started.said += `${line}\n`;
  });
  child.stderr.on('data', (data: Buffer) => (started.said += data.toString()));
  // A process that has ended cannot be written to; how it ended says more.
  child.stdin.on('error', () => undefined);
  const ended = (how: string): void => {
    if (session === started) session = undefined;
    started.settle({ error: `Deno ended ${how}: ${started.said}` });
  };
  child.on('error', (error) => {
    ended(`with ${error.message}`);
  });
  child.on('close', (code) => {
    ended(`with code ${code}`);
  });
  return started;
}
