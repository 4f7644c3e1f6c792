/** A Redis of our own on loopback that can be killed and started again, with everything it was told on its disk. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { ensureRedis } from '../setup/redis.mjs';

export class RedisServer {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly password: string,
  ) {}

  /** @throws SetupError saying why there is no Redis here */
  static async begin(folder: string, password: string): Promise<RedisServer> {
    mkdirSync(folder, { recursive: true });
    const server = new RedisServer(folder, await freePort(), password);
    await server.start();
    return server;
  }

  get address(): string {
    return `redis://:${this.password}@127.0.0.1:${this.port}`;
  }

  /** Appends every write to its file before it answers. */
  async start(): Promise<void> {
    const { program, environment } = ensureRedis();
    const child = spawn(
      program,
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--requirepass', this.password],
        ...['--dir', this.folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
      ],
      { stdio: 'ignore', env: { ...process.env, ...environment } },
    );
    this.child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    for (let look = 0; !(await answers(this.port)); look++) {
      if (look > 200 || child.exitCode !== null)
        throw new Error(`redis-server did not start on port ${this.port}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Begins anew, with nothing. */
  async forget(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    await this.start();
  }

  /** As a machine that goes down. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result: boolean) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
