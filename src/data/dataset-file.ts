/**
 * Data sets by name or by path (Node only): from a folder, from what is installed, from the cache,
 * or downloaded into it.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
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
import { readCifar, type CifarFile, type CifarKind } from './cifar.js';
import { readCsvDataset, type CsvDatasetOptions } from './csv-dataset.js';
import type { Dataset } from './dataset.js';
import { downloadFile, type DownloadProgress } from './download-file.js';
import { diabetesDataset, digitsDataset } from './embedded.js';
import { readIdxDataset } from './idx.js';
import { DataFileError, readBytesFile, readTextFile } from './read-file.js';
import type { LoadedData } from './split.js';

export interface LoadDatasetOptions extends Partial<Omit<CsvDatasetOptions, 'name'>> {
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
 * @param nameOrPath one of DATASET_NAMES, or the path of a CSV file (also .gz), whose target
 *   column the options name
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
  if (!/[./\\]/.test(name)) {
    throw new DataFileError(
      `there is no data set "${name}"; known are ${DATASET_NAMES.join(', ')}, or name a CSV file`,
    );
  }
  return loadCsv(nameOrPath, options);
}

async function loadCsv(path: string, options: LoadDatasetOptions): Promise<LoadedDataset> {
  const { target } = options;
  const text = await readTextFile(path);
  if (target === undefined) {
    throw new DataFileError(`name the target column of "${path}"`);
  }
  const name = basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.[^.]*$/, '');
  return { train: readCsvDataset(text, { ...options, name, target }), test: null, source: path };
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
