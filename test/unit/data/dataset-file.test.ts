/**
 * Believed afterwards: data sets load by name from a folder, the cache or the network, and never
 * leave a file in the cache that is not whole; what is wrong is said with where to put the files.
 * The truth is files written here, and a server on this machine that sends them whole, damaged, cut
 * off, late, or not at all.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDataset } from '../../../src/data/dataset-file.js';
import { DatasetError } from '../../../src/data/dataset.js';
import {
  downloadFile,
  DownloadError,
  type DownloadProgress,
} from '../../../src/data/download-file.js';
import { DataFileError } from '../../../src/data/read-file.js';
import { standardization } from '../../../src/data/standardization.js';

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'));
  vi.stubEnv('LPS_CACHE', join(folder, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

/** The address of a server that answers with `listener`. */
async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** An address where nobody listens. */
async function nowhere(): Promise<string> {
  const url = await serve(() => undefined);
  await new Promise((resolve) => server!.close(resolve));
  server = undefined;
  return url;
}

function idx(shape: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, Buffer.from(values)]);
}

/** The four files of a data set in MNIST's format, with 3 and 1 images of 1 x 2 pixels. */
const mnist: Readonly<Record<string, Buffer>> = {
  'train-images-idx3-ubyte': idx([3, 1, 2], [1, 2, 3, 4, 5, 6]),
  'train-labels-idx1-ubyte': idx([3], [9, 0, 4]),
  't10k-images-idx3-ubyte': idx([1, 1, 2], [7, 8]),
  't10k-labels-idx1-ubyte': idx([1], [5]),
};

async function write(to: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(to, name), bytes);
}

const zipped = Object.fromEntries(
  Object.entries(mnist).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]),
);

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe('from a folder', () => {
  it.each([
    ['plain', mnist],
    ['compressed', zipped],
    [
      'with dots',
      Object.fromEntries(Object.entries(mnist).map(([n, b]) => [n.replace('-idx', '.idx'), b])),
    ],
  ])('reads %s files, with the test set apart', async (_name, files) => {
    await write(join(folder, 'here'), files);
    const data = await loadDataset('mnist', { folder: join(folder, 'here') });
    expect(data.source).toBe(join(folder, 'here'));
    expect(data.train).toMatchObject({
      name: 'mnist',
      shape: [1, 2, 1],
      inputs: Uint8Array.of(1, 2, 3, 4, 5, 6),
      targets: { labels: Uint8Array.of(9, 0, 4), classes: 10 },
    });
    expect(data.test).toMatchObject({ count: 1, targets: { labels: Uint8Array.of(5) } });
  });

  it('finds a folder of the data set in the one named, and the cache', async () => {
    await write(join(folder, 'all', 'kmnist'), zipped);
    await write(join(folder, 'cache', 'data', 'kmnist'), zipped);
    const named = await loadDataset('kmnist', { folder: join(folder, 'all') });
    expect(named.source).toBe(join(folder, 'all', 'kmnist'));
    const cached = await loadDataset('kmnist', { download: false });
    expect(cached.source).toBe(join(folder, 'cache', 'data', 'kmnist'));
    expect(cached.train.targets).toMatchObject({
      classNames: expect.arrayContaining(['tsu']) as unknown,
    });
  });

  it('counts the labels of EMNIST letters from 1', async () => {
    await write(folder, {
      'emnist-letters-train-images-idx3-ubyte': idx([2, 1, 1], [0, 1]),
      'emnist-letters-train-labels-idx1-ubyte': idx([2], [1, 26]),
      'emnist-letters-test-images-idx3-ubyte': idx([1, 1, 1], [0]),
      'emnist-letters-test-labels-idx1-ubyte': idx([1], [3]),
    });
    const { train, test } = await loadDataset('emnist-letters', { folder });
    expect(train.targets).toMatchObject({ classes: 26, labels: Uint8Array.of(0, 25) });
    expect(test!.targets).toMatchObject({ labels: Uint8Array.of(2) });
  });

  it('reads CIFAR from its unpacked archive, with class names', async () => {
    const record = (...labels: number[]): Buffer =>
      Buffer.from([...labels, ...new Array<number>(3072).fill(labels[0]!)]);
    await write(join(folder, 'cifar-10-batches-bin'), {
      ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, record(n)])),
      'test_batch.bin': record(0),
      'batches.meta.txt': Buffer.from([...'abcdefghij'].join('\n') + '\n\n'),
    });
    await write(join(folder, 'cifar-100'), {
      'train.bin': record(1, 99),
      'test.bin': record(0, 3),
    });
    const ten = await loadDataset('cifar-10', { folder });
    expect(ten.train.targets).toMatchObject({
      labels: Uint8Array.of(1, 2, 3, 4, 5),
      classNames: [...'abcdefghij'],
    });
    expect(ten.test!.count).toBe(1);
    const hundred = await loadDataset('cifar-100', { folder });
    expect(hundred.train.targets).toMatchObject({ labels: Uint8Array.of(99), classes: 100 });
  });

  it('reads a CSV file', async () => {
    await writeFile(join(folder, 'iris.csv.gz'), gzipSync('a,b,c\n1,2,x\n3,4,y\n'));
    const { train, test } = await loadDataset(join(folder, 'iris.csv.gz'), { target: 'c' });
    expect(train).toMatchObject({ name: 'iris', count: 2, targets: { classNames: ['x', 'y'] } });
    expect(test).toBeNull();
  });

  it.skipIf(!existsSync('/usr/share/datasets/fashion-mnist'))(
    'reads the Fashion-MNIST that Debian installs: 6,000 and 1,000 a class, published mean and deviation',
    async () => {
      const { train, test } = await loadDataset('fashion-mnist', { download: false });
      expect([train.shape, train.count, test!.count]).toEqual([[28, 28, 1], 60_000, 10_000]);
      for (const [part, each] of [
        [train, 6000],
        [test!, 1000],
      ] as const) {
        const counts = new Array<number>(10).fill(0);
        if (part.targets.kind === 'class') part.targets.labels.forEach((label) => counts[label]!++);
        expect(counts).toEqual(new Array(10).fill(each));
      }
      const { mean, deviation } = standardization(train);
      expect(mean[0]! / 255).toBeCloseTo(0.286, 4);
      expect(deviation[0]! / 255).toBeCloseTo(0.353, 4);
    },
  );
});

describe('messages', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'unknown name',
      () => loadDataset('mnits'),
      /no data set "mnits"; known are digits, diabetes, mnist, fashion-mnist/,
    ],
    ['name of a method', () => loadDataset('toString'), /no data set "toString"/],
    [
      'no such file',
      () => loadDataset(join(folder, 'none.csv'), { target: 'a' }),
      /none\.csv": there is no such file/,
    ],
    [
      'a folder for a table',
      () => loadDataset(`${folder}/`, { target: 'a' }),
      /--target does not go with a folder of images/,
    ],
    [
      'wrong folder',
      () => loadDataset('fashion-mnist', { folder }),
      /"fashion-mnist" is not in .*dataset-.* or .*\nput train-images-idx3-ubyte\.gz, .* from https:.* into .*\non Debian: apt-get install dataset-fashion-mnist$/,
    ],
    [
      'CIFAR nowhere',
      () => loadDataset('cifar-10'),
      /"cifar-10" is not in .*\nunpack the binary version from https:.* into .*cache/,
    ],
    [
      'EMNIST nowhere',
      () => loadDataset('emnist-balanced'),
      /put emnist-balanced-train-images-idx3-ubyte\.gz.* into .*emnist-balanced$/,
    ],
    [
      'downloads off',
      () => loadDataset('mnist', { download: false }),
      /^the data set "mnist" is not in \/usr\/share\/datasets\/mnist or /,
    ],
  ])('%s', async (_name, load, message) => {
    const error = await failure(load());
    expect(error).toBeInstanceOf(DataFileError);
    expect(error.message).toMatch(message);
  });

  it('names the target column that a CSV file needs', async () => {
    await writeFile(join(folder, 'a.csv'), 'a,b\n1,2\n');
    expect((await failure(loadDataset(join(folder, 'a.csv')))).message).toMatch(
      /name the target column/,
    );
  });

  it('names the files that a folder lacks', async () => {
    await write(folder, { 'train-images-idx3-ubyte': mnist['train-images-idx3-ubyte']! });
    expect((await failure(loadDataset('mnist', { folder }))).message).toMatch(
      /\(there without train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte\)/,
    );
  });

  it('names the file that is truncated, or no gzip', async () => {
    const images = zipped['train-images-idx3-ubyte.gz']!;
    const path = join(folder, 'train-images-idx3-ubyte.gz');
    await write(folder, { ...zipped, 'train-images-idx3-ubyte.gz': images.subarray(0, -9) });
    const cut = await failure(loadDataset('mnist', { folder }));
    expect(cut).toBeInstanceOf(DataFileError);
    expect(cut.message).toContain(`"${path}": it is a damaged or truncated gzip file`);
    await writeFile(path, 'hello');
    expect((await failure(loadDataset('mnist', { folder }))).message).toContain(
      'is not an IDX file: it begins with 68 65 6c 6c',
    );
    await writeFile(path, gzipSync(mnist['train-images-idx3-ubyte']!.subarray(0, 20)));
    const short = await failure(loadDataset('mnist', { folder }));
    expect(short).toBeInstanceOf(DatasetError);
    expect(short.message).toContain(`${path} is truncated: its header says 3 x 1 x 2 numbers`);
  });
});

describe('downloads', () => {
  const content = Buffer.from('the content of a data file');
  const checksum = {
    algorithm: 'sha256',
    hex: createHash('sha256').update(content).digest('hex'),
  } as const;
  const target = (): string => join(folder, 'data', 'file.gz');
  const left = async (): Promise<string[]> => readdir(join(folder, 'data'));

  it('keep a file whose checksum is right, and report progress', async () => {
    const url = await serve((_request, response) =>
      response.setHeader('content-length', content.length).end(content),
    );
    const progress: DownloadProgress[] = [];
    await downloadFile(url, target(), { checksum, onProgress: (report) => progress.push(report) });
    expect(await left()).toEqual(['file.gz']);
    expect(progress.at(-1)).toEqual({ url, received: content.length, total: content.length });
    const md5 = createHash('md5').update(content).digest('hex');
    await downloadFile(url, target(), { checksum: { algorithm: 'md5', hex: md5 } });
    expect(await left()).toEqual(['file.gz']);
  });

  it.each<[string, RequestListener, RegExp]>([
    [
      'other bytes',
      (_request, response) => response.end('something else'),
      /the sha256 checksum is [0-9a-f]{64}, .* is needed/,
    ],
    [
      'an error page',
      (_request, response) => response.writeHead(404).end('not here'),
      /the server answers 404/,
    ],
    [
      'half the bytes',
      (_request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 10), () => response.destroy());
      },
      /http:.*(terminated|aborted|closed|ended after 10)/,
    ],
    ['nothing at all', (_request, response) => response.destroy(), /fetch failed/],
    ['silence', () => undefined, /no answer for 0\.2 s/],
    [
      'silence after a while',
      (_request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 10));
      },
      /no answer for 0\.2 s/,
    ],
  ])('leave nothing behind after %s', async (_name, listener, message) => {
    const url = await serve(listener);
    // Only silence is waited for: a busy machine must not take another answer for it.
    const patience = message.source.startsWith('no answer') ? 200 : 30_000;
    const error = await failure(downloadFile(url, target(), { checksum, patience }));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toMatch(message);
    expect(await left()).toEqual([]);
  });

  it('leave nothing behind when interrupted', async () => {
    const abort = new AbortController();
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 10));
    });
    const stopped = new Error('stopped by the user');
    const error = await failure(
      downloadFile(url, target(), {
        checksum,
        signal: abort.signal,
        onProgress: () => abort.abort(stopped),
      }),
    );
    expect(error).toBe(stopped);
    expect(await left()).toEqual([]);
  });

  it('leave nothing behind without a network', async () => {
    const error = await failure(downloadFile(await nowhere(), target(), { checksum }));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toMatch(/ECONNREFUSED/);
    expect(await left()).toEqual([]);
  });

  it('of a data set try one mirror after the other, and say why each failed', async () => {
    const dead = await nowhere();
    const wrong = await serve((_request, response) => response.end('wrong bytes'));
    const error = await failure(loadDataset('mnist', { mirrors: [dead, wrong] }));
    expect(error).toBeInstanceOf(DataFileError);
    expect(error.message).toMatch(/downloading failed: http:.*ECONNREFUSED/);
    expect(error.message).toMatch(/downloading failed: .*sha256 checksum/);
    expect(error.message).toMatch(/put train-images-idx3-ubyte\.gz, .* into .*cache\/data\/mnist/);
    expect(await readdir(join(folder, 'cache', 'data', 'mnist'))).toEqual([]);
  });

  it('of a data set fill the cache once', async () => {
    const names: string[] = [];
    const url = await serve((request, response) => {
      names.push(request.url!);
      response.end(
        zipped[
          request.url!.slice(1).replace('emnist-digits-test', 't10k').replace('emnist-digits-', '')
        ],
      );
    });
    const fetched = await loadDataset('emnist-digits', { mirrors: [url] });
    expect(names).toHaveLength(4);
    expect(fetched.source).toBe(join(folder, 'cache', 'data', 'emnist-digits'));
    expect(fetched.train.count).toBe(3);
    expect(await loadDataset('emnist-digits', { mirrors: [url] })).toEqual(fetched);
    expect(names).toHaveLength(4);
  });

  it('of a data set stop when interrupted', async () => {
    const signal = AbortSignal.abort(new Error('stopped by the user'));
    const url = await serve((_request, response) => response.end('wrong bytes'));
    const error = await failure(loadDataset('mnist', { mirrors: [url, url], signal }));
    expect(error.message).toBe('stopped by the user');
  });
});
