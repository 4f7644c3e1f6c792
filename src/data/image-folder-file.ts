/** Folders of PNG images, one folder a class, as torchvision's ImageFolder reads them (Node only). */
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';
import { channelsFirst } from './arrays.js';
import { DatasetError, makeDataset, type Dataset } from './dataset.js';
import type { LoadedData } from './split.js';

/** Folders that hold parts of a data set, not classes. */
const TRAINING = ['train', 'training'];
const TEST = ['test', 'testing', 'val', 'validation'];

/** What other programs leave in folders. */
const IGNORED = new Set(['Thumbs.db', 'desktop.ini']);

interface Image {
  readonly path: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [row][column][channel] */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/**
 * Reads CLASS/IMAGE.png, or train/CLASS/IMAGE.png and test/CLASS/IMAGE.png, in the order of the names.
 * A folder of images without classes gives inputs only.
 *
 * @throws DatasetError for other files, a class with one image, images of several sizes or kinds, or
 *   a damaged image, naming it
 */
export async function readImageFolder(folder: string): Promise<LoadedData> {
  const { folders, files } = await list(folder);
  if (folders.length === 0) return { train: await readFlat(folder, files), test: null };
  if (files.length > 0) {
    throw new DatasetError(
      `"${folder}" has the file ${files[0]} beside its folders; each class needs a folder, and nothing else may be there`,
    );
  }
  const name = basename(folder);
  const training = folders.find((name) => TRAINING.includes(name.toLowerCase()));
  const test = folders.find((name) => TEST.includes(name.toLowerCase()));
  if (training === undefined || test === undefined) {
    return { train: await readClasses(folder, folders, 2, name), test: null };
  }
  const classes = (await list(join(folder, training))).folders;
  const testClasses = (await list(join(folder, test))).folders;
  const extra = testClasses.find((name) => !classes.includes(name));
  if (extra !== undefined) {
    throw new DatasetError(
      `"${join(folder, test)}" has the class ${extra}, "${join(folder, training)}" has not; both need the same folders`,
    );
  }
  return {
    train: await readClasses(join(folder, training), classes, 2, name),
    test: await readClasses(join(folder, test), classes, 0, name),
  };
}

async function list(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(
    ({ name }) => !name.startsWith('.') && !IGNORED.has(name),
  );
  const names = (isFolder: boolean): string[] =>
    entries
      .filter((entry) => entry.isDirectory() === isFolder)
      .map(({ name }) => name)
      .sort();
  return { folders: names(true), files: names(false) };
}

async function readFlat(folder: string, files: readonly string[]): Promise<Dataset> {
  if (files.length === 0) {
    throw new DatasetError(`"${folder}" is empty; it needs a folder of PNG images for each class`);
  }
  const images = await readImages(files.map((file) => join(folder, file)));
  return datasetOf(basename(folder), images, {
    kind: 'values',
    values: new Float64Array(0),
    width: 0,
  });
}

async function readClasses(
  folder: string,
  classNames: readonly string[],
  fewest: number,
  name: string,
): Promise<Dataset> {
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classNames.entries()) {
    const place = join(folder, name);
    const { folders, files } = await list(place).catch(() => ({ folders: [], files: [] }));
    if (folders.length > 0) {
      throw new DatasetError(
        `"${place}" has the folder ${folders[0]} in it; a class is a folder of images alone`,
      );
    }
    if (files.length < fewest) {
      throw new DatasetError(
        `the class folder "${place}" has ${files.length === 1 ? 'one image' : 'no images'}; at least two are needed, for training and for tests`,
      );
    }
    for (const file of files) {
      paths.push(join(place, file));
      labels.push(label);
    }
  }
  const images = await readImages(paths);
  return datasetOf(name, images, {
    kind: 'class',
    labels: Uint32Array.from(labels),
    classes: classNames.length,
    classNames,
  });
}

function datasetOf(name: string, images: readonly Image[], targets: Dataset['targets']): Dataset {
  const { height, width, channels } = images[0]!;
  const shape = [height, width, channels];
  const inputs = new Uint8Array(images.length * height * width * channels);
  images.forEach(({ pixels }, index) => {
    inputs.set(channelsFirst(pixels, shape, 'nhwc'), index * pixels.length);
  });
  return makeDataset({ name, shape, inputs, targets });
}

async function readImages(paths: readonly string[]): Promise<Image[]> {
  const images: Image[] = [];
  for (const path of paths) {
    const image = await readImage(path);
    const first = images[0] ?? image;
    const describe = ({ width, height, channels }: Image): string =>
      `${width} x ${height} pixels, ${channels === 1 ? 'grey' : 'colour'}`;
    if (describe(image) !== describe(first)) {
      throw new DatasetError(
        `"${path}" is of ${describe(image)}, "${first.path}" of ${describe(first)}; all images need one size and kind: resize or convert them`,
      );
    }
    images.push(image);
  }
  return images;
}

async function readImage(path: string): Promise<Image> {
  if (extname(path).toLowerCase() !== '.png') {
    throw new DatasetError(`"${path}" is no PNG image; convert it to PNG, or move it away`);
  }
  let png: DecodedPng;
  try {
    png = decode(await readFile(path), { checkCrc: true });
  } catch (error) {
    const why = (error as Error).message.trim().replace(/:$/, '');
    throw new DatasetError(`"${path}" is no PNG image, or damaged: ${why}`, { cause: error });
  }
  const { width, height } = png;
  const isIndexed = png.palette !== undefined;
  const data = isIndexed ? convertIndexedToRgb(png) : unpackBits(png);
  const stored = isIndexed ? data.length / (width * height) : png.channels;
  const hasAlpha = stored === 2 || stored === 4;
  const channels = hasAlpha ? stored - 1 : stored;
  const deepest = png.depth === 16 ? 65535 : isIndexed ? 255 : 2 ** png.depth - 1;
  const pixels = new Uint8Array(width * height * channels);
  for (let cell = 0; cell < width * height; cell++) {
    if (hasAlpha && data[cell * stored + channels] !== deepest) {
      throw new DatasetError(
        `"${path}" is transparent in places; save it without an alpha channel`,
      );
    }
    for (let channel = 0; channel < channels; channel++) {
      pixels[cell * channels + channel] = Math.round(
        (255 * data[cell * stored + channel]!) / deepest,
      );
    }
  }
  return { path, width, height, channels, pixels };
}

/** Grey values of 1, 2 or 4 bits lie packed, each row in whole bytes. */
function unpackBits({ width, height, depth, data, channels }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const rowBytes = Math.ceil((width * channels * depth) / 8);
  const values = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = data[row * rowBytes + (bit >> 3)]!;
      values[row * width + column] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return values;
}
