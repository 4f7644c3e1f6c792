/**
 * Data sets by name or by path (Node only): from a folder, from what is installed, from the cache,
 * or downloaded into it.
 */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readArrayDataset, type ArrayData, type Layout } from './arrays.js';
import { dataCacheFolder } from './cache-file.js';
import {
  CIFAR_SOURCES,
  DATASET_NAMES,
  IDX_SOURCES,
  type CifarSource,
  type IdxPart,
  type IdxSource,
  type SourceFile,
} from './catalogue.js';
import { listNames, readCells, type CellTable } from './cells.js';
import { readCifar, type CifarFile, type CifarKind } from './cifar.js';
import type { Dataset } from './dataset.js';
import { downloadFile, type DownloadProgress } from './download-file.js';
import { diabetesDataset, digitsDataset } from './embedded.js';
import { isIdx, readIdx, readIdxDataset } from './idx.js';
import { readImageFolder } from './image-folder-file.js';
import { readJsonLines } from './json-lines.js';
import { isNpy, isNpz, readNpy, readNpz } from './npy.js';
import { DataFileError, decodeText, readBytesFile, readTextFile } from './read-file.js';
import type { LoadedData } from './split.js';
import { readTableDataset, type TableDatasetOptions } from './table-dataset.js';

export interface LoadDatasetOptions extends Partial<Omit<TableDatasetOptions, 'name'>> {
  /** File with the labels or values of inputs in .npy or IDX. Default for IDX: the one beside it. */
  readonly labels?: string;
  /** Order of dimensions of .npy images. Default 'nchw'. */
  readonly layout?: Layout;
  /** Whether inputs alone will do. Default 'needed'. */
  readonly targets?: 'needed' | 'optional';
  /** Where the files of a named data set are, itself or a folder of the data set's name in it. */
  readonly folder?: string;
  /** Whether to fetch what is nowhere. Default true; never with `folder`. */
  readonly download?: boolean;
  /** Instead of the addresses that are known. */
  readonly mirrors?: readonly string[];
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** A data set, and where it came from. */
export interface LoadedDataset extends LoadedData {
  /** A folder, a file, or "embedded". */
  readonly source: string;
}

/** Where distributions install data sets. */
const SYSTEM_FOLDER = '/usr/share/datasets';

/**
 * Loads a data set.
 *
 * @param nameOrPath one of DATASET_NAMES, or the path of a file: a table (CSV with any separator, JSON
 *   lines), arrays (.npy, .npz, IDX), all of them also .gz, or a folder of PNG images by class
 * @throws DataFileError when the name is unknown, no target is named, or the files are nowhere;
 *   the message says where they were looked for and where to put them
 * @throws DatasetError or TableError when the files hold no good data
 */
export async function loadDataset(
  nameOrPath: string,
  options: LoadDatasetOptions = {},
): Promise<LoadedDataset> {
  const name = nameOrPath;
  if (name === 'digits') return { train: await digitsDataset(), test: null, source: 'embedded' };
  if (name === 'diabetes') return { train: diabetesDataset(), test: null, source: 'embedded' };
  if (Object.hasOwn(IDX_SOURCES, name)) {
    return loadIdx(name, IDX_SOURCES[name as keyof typeof IDX_SOURCES], options);
  }
  if (Object.hasOwn(CIFAR_SOURCES, name)) return loadCifar(name as CifarKind, options);
  if (!/[./\\]/.test(name) && !existsSync(name)) {
    throw new DataFileError(
      `there is no data set "${name}"; known are ${DATASET_NAMES.join(', ')}, or name a file or folder`,
    );
  }
  return loadOwn(nameOrPath, options);
}

/** A file or a folder of one's own: what it is is seen from its first bytes. */
async function loadOwn(path: string, options: LoadDatasetOptions): Promise<LoadedDataset> {
  const name = basename(path)
    .replace(/\.gz$/, '')
    .replace(/(.)\.[^.]*$/, '$1');
  if (await isFolder(path)) {
    forbid(options, ['target', 'inputs', 'drop', 'labels', 'layout'], 'a folder of images');
    const images = await readImageFolder(path);
    const { targets } = images.train;
    const what = `the classes of the images in "${path}" by folders: CLASS/IMAGE.png`;
    requireTarget(targets.kind === 'class', options, what);
    return { ...checkAlike(images, path), source: path };
  }
  const bytes = await readBytesFile(path);
  if (isNpy(bytes) || isIdx(bytes)) {
    forbid(options, ['target', 'inputs', 'drop'], 'an array');
    const labels = options.labels ?? labelsBeside(path);
    const inputs = readArray(bytes, path);
    const targets = labels === undefined ? null : readArray(await readBytesFile(labels), labels);
    requireTarget(targets !== null, options, `the labels of "${path}" in another file (--labels)`);
    const files = { inputs: path, targets: labels ?? '' };
    return {
      train: readArrayDataset(inputs, targets, { ...options, name, files }),
      test: null,
      source: path,
    };
  }
  if (isNpz(bytes)) {
    return { ...checkAlike(await loadNpz(bytes, path, name, options), path), source: path };
  }
  forbid(options, ['labels', 'layout'], 'a table');
  const table = readCellTable(decodeText(bytes, path), path);
  const { target } = options;
  requireTarget(
    target !== undefined,
    options,
    `the target column of "${path}" (--target): one of ${listNames(table.names)}`,
  );
  return { train: readTableDataset(table, { ...options, name }), test: null, source: path };
}

/** Test samples that a network for the training samples takes, of classes that it knows. */
function checkAlike(data: LoadedData, path: string): LoadedData {
  const { train, test } = data;
  if (test === null) return data;
  const kinds = [train, test].map(({ shape, targets }) => {
    const width = targets.kind === 'class' ? 'a class' : `[${targets.width}] values`;
    return `samples of [${shape.join(', ')}] with ${width}`;
  });
  if (kinds[0] !== kinds[1]) {
    throw new DataFileError(
      `"${path}" has ${kinds[0]} for training and ${kinds[1]} for tests; both need the same`,
    );
  }
  if (train.targets.kind === 'class' && test.targets.kind === 'class') {
    const { classes } = train.targets;
    const sample = test.targets.labels.findIndex((label) => label >= classes);
    if (sample >= 0) {
      throw new DataFileError(
        `"${path}": the label of test sample ${sample} is ${test.targets.labels[sample]}, those of the training samples go to ${classes - 1}; state the number of classes (--classes)`,
      );
    }
  }
  return data;
}

/** Whether a data set's file has named columns: it is there, and neither a folder nor arrays. */
export async function isTableFile(path: string): Promise<boolean> {
  if (!existsSync(path) || (await isFolder(path))) return false;
  const bytes = await readBytesFile(path);
  return !isNpy(bytes) && !isIdx(bytes) && !isNpz(bytes);
}

/** The cells of CSV text, or of JSON lines. */
export function readCellTable(text: string, path: string): CellTable {
  const isJson = /\.(json|jsonl|ndjson)(\.gz)?$/i.test(path) || /^\uFEFF?\s*\{/.test(text);
  return isJson ? readJsonLines(text) : readCells(text, { minimumRows: 1 });
}

/**
 * The cells of a file: CSV with any separator, or JSON lines; also .gz.
 *
 * @throws DataFileError when it cannot be read, TableError when it is no table
 */
export async function loadCells(path: string): Promise<CellTable> {
  return readCellTable(await readTextFile(path), path);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

function readArray(bytes: Uint8Array, path: string): ArrayData {
  if (!isIdx(bytes)) return readNpy(bytes, `"${path}"`);
  const { shape, data } = readIdx(bytes, `"${path}"`);
  const integers = !(data instanceof Float32Array || data instanceof Float64Array);
  return { shape, data, integers };
}

/** MNIST and its relatives name the file of the labels like that of the images. */
function labelsBeside(path: string): string | undefined {
  const labels = path.replace(/images(.)idx3/, 'labels$1idx1');
  return labels !== path && existsSync(labels) ? labels : undefined;
}

/** Names under which programs save inputs and targets, the first that is there; of training and tests. */
const NPZ_NAMES = [
  ['x_train', 'y_train', 'x_test', 'y_test'],
  ['X_train', 'y_train', 'X_test', 'y_test'],
  ['x', 'y'],
  ['X', 'y'],
  ['X', 'Y'],
  ['inputs', 'targets'],
  ['images', 'labels'],
  ['data', 'target'],
  ['arr_0', 'arr_1'],
] as const;

async function loadNpz(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  name: string,
  options: LoadDatasetOptions,
): Promise<LoadedData> {
  forbid(options, ['drop', 'labels'], 'an archive of arrays');
  const arrays = await readNpz(bytes, `"${path}"`);
  const { inputs: given, target } = options;
  const [own] = given ?? [];
  const targetName = typeof target === 'string' ? target : target?.[0];
  const found: readonly (string | undefined)[] | undefined =
    own === undefined ? NPZ_NAMES.find(([x]) => arrays.has(x)) : [own, targetName];
  const [x, y = targetName, testX, testY] = found ?? [];
  const missing = [x, targetName].find((array) => array !== undefined && !arrays.has(array));
  if (x === undefined || missing !== undefined) {
    throw new DataFileError(
      `"${path}" has ${missing === undefined ? 'no array x' : `no array "${missing}"`}; it has ${listNames([...arrays.keys()])}: name the inputs (--x) and the targets (--target)`,
    );
  }
  const read = (inputs: string, targets: string | undefined): Dataset => {
    const array = targets === undefined ? undefined : arrays.get(targets);
    requireTarget(
      array !== undefined,
      options,
      `the targets among the arrays of "${path}" (--target): one of ${listNames([...arrays.keys()])}`,
    );
    const files = { inputs: `"${path}", ${inputs}`, targets: `"${path}", ${targets ?? ''}` };
    return readArrayDataset(arrays.get(inputs)!, array ?? null, { ...options, name, files });
  };
  const hasTest = testX !== undefined && testY !== undefined && arrays.has(testX);
  return { train: read(x, targetName ?? y), test: hasTest ? read(testX, testY) : null };
}

function requireTarget(isThere: boolean, options: LoadDatasetOptions, what: string): void {
  if (!isThere && (options.targets ?? 'needed') === 'needed') {
    throw new DataFileError(`name ${what}`);
  }
}

/** What each option is called on the command line. */
const FLAGS = {
  target: '--target',
  inputs: '--x',
  drop: '--drop',
  labels: '--labels',
  layout: '--layout',
} as const;

function forbid(
  options: LoadDatasetOptions,
  names: readonly (keyof typeof FLAGS)[],
  what: string,
): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new DataFileError(`${FLAGS[given]} does not go with ${what}; leave it out`);
  }
}

async function loadIdx(
  name: string,
  source: IdxSource,
  options: LoadDatasetOptions,
): Promise<LoadedDataset> {
  const files = [source.train.images, source.train.labels, source.test.images, source.test.labels];
  const names = files.map((file) => file.name);
  const folder =
    findFolder(names, searchedFolders(name, options)) ??
    (await downloadIdx(name, source, files, options));
  const read = async (part: IdxPart): Promise<Dataset> => {
    const images = findFile(folder, part.images.name)!;
    const labels = findFile(folder, part.labels.name)!;
    return readIdxDataset(await readBytesFile(images), await readBytesFile(labels), {
      name,
      classes: source.classes,
      classNames: source.classNames,
      firstLabel: source.firstLabel,
      files: { images, labels },
    });
  };
  return { train: await read(source.train), test: await read(source.test), source: folder };
}

/**
 * The cache folder, with all files in it.
 *
 * @throws DataFileError that says where the files were looked for, why they could not be
 *   downloaded and where to put them
 */
async function downloadIdx(
  name: string,
  source: IdxSource,
  files: readonly SourceFile[],
  options: LoadDatasetOptions,
): Promise<string> {
  const mirrors = options.mirrors ?? source.mirrors;
  const folder = options.folder ?? dataCacheFolder(name);
  const mayDownload =
    options.folder === undefined && (options.download ?? true) && mirrors.length > 0;
  const reasons = mayDownload ? await download(name, files, mirrors, options) : [];
  if (mayDownload && reasons.length === 0) return folder;
  const names = files.map((file) => file.name);
  const sentences = [
    notFound(name, names, searchedFolders(name, options)),
    ...reasons.map((reason) => `downloading failed: ${reason}`),
    `put ${names.map((each) => `${each}.gz`).join(', ')} from ${source.page} into ${folder}`,
    ...(source.debianPackage ? [`on Debian: apt-get install ${source.debianPackage}`] : []),
  ];
  throw new DataFileError(sentences.join('\n'));
}

async function loadCifar(kind: CifarKind, options: LoadDatasetOptions): Promise<LoadedDataset> {
  const source: CifarSource = CIFAR_SOURCES[kind];
  const files = [...source.train, ...source.test];
  const folders = searchedFolders(kind, options).flatMap((folder) => [
    folder,
    join(folder, source.folder),
  ]);
  const folder = findFolder(files, folders);
  if (folder === undefined) {
    throw new DataFileError(
      `${notFound(kind, files, folders)}\nunpack the binary version from ${source.page} into ${options.folder ?? dataCacheFolder(kind)}`,
    );
  }
  const namesFile = findFile(folder, source.classNames);
  const classNames =
    namesFile && (await readTextFile(namesFile)).split(/\r?\n/).filter((line) => line !== '');
  const read = async (names: readonly string[]): Promise<Dataset> => {
    const parts: CifarFile[] = [];
    for (const name of names) {
      const path = findFile(folder, name)!;
      parts.push({ name: path, bytes: await readBytesFile(path) });
    }
    return readCifar(parts, kind, classNames ? { classNames } : {});
  };
  return { train: await read(source.train), test: await read(source.test), source: folder };
}

function searchedFolders(name: string, { folder }: LoadDatasetOptions): string[] {
  return folder === undefined
    ? [join(SYSTEM_FOLDER, name), dataCacheFolder(name)]
    : [folder, join(folder, name)];
}

function findFolder(files: readonly string[], folders: readonly string[]): string | undefined {
  return folders.find((folder) => files.every((file) => findFile(folder, file) !== undefined));
}

/** The path of a file or of its .gz; copies of MNIST also write "images.idx3". */
function findFile(folder: string, name: string): string | undefined {
  const names = [name, name.replace('-idx', '.idx')];
  return names
    .flatMap((each) => [join(folder, each), join(folder, `${each}.gz`)])
    .find((path) => existsSync(path));
}

/**
 * Downloads what the cache does not have yet.
 *
 * @returns why it failed, one reason per mirror; none when all files are there
 */
async function download(
  name: string,
  files: readonly SourceFile[],
  mirrors: readonly string[],
  { onProgress, signal }: LoadDatasetOptions,
): Promise<readonly string[]> {
  const folder = dataCacheFolder(name);
  for (const file of files) {
    if (findFile(folder, file.name) !== undefined) continue;
    const reasons: string[] = [];
    for (const mirror of mirrors) {
      try {
        await downloadFile(`${mirror}${file.name}.gz`, join(folder, `${file.name}.gz`), {
          ...(file.checksum && { checksum: file.checksum }),
          ...(onProgress && { onProgress }),
          ...(signal && { signal }),
        });
        break;
      } catch (error) {
        signal?.throwIfAborted();
        reasons.push((error as Error).message);
      }
    }
    if (reasons.length === mirrors.length) return reasons;
  }
  return [];
}

/** "... is not in A or B (there without c, d)" */
function notFound(name: string, files: readonly string[], folders: readonly string[]): string {
  const places = folders.map((folder) => {
    const missing = files.filter((file) => findFile(folder, file) === undefined);
    return missing.length === files.length
      ? folder
      : `${folder} (there without ${missing.join(', ')})`;
  });
  return `the data set "${name}" is not in ${places.join(' or ')}`;
}
