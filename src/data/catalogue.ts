/**
 * The public image data sets that are read by name: their files, classes and sources.
 *
 * Checksums are of the compressed files at these addresses. SHA-256 where it is known from several
 * places; else the MD5 that the publisher's page and PyTorch's loaders state.
 */

/** A file of the source, without .gz. */
export interface SourceFile {
  readonly name: string;
  /** Of name.gz. */
  readonly checksum?: { readonly algorithm: 'sha256' | 'md5'; readonly hex: string };
}

/** Training or test images with their labels. */
export interface IdxPart {
  readonly images: SourceFile;
  readonly labels: SourceFile;
}

/** A data set in MNIST's format. */
export interface IdxSource {
  readonly classes: number;
  readonly classNames: readonly string[];
  /** Label of the first class in the files. */
  readonly firstLabel: number;
  readonly train: IdxPart;
  readonly test: IdxPart;
  /** Folders on the web with the files as name.gz; none: they have to be fetched by hand. */
  readonly mirrors: readonly string[];
  /** Where a person gets the files. */
  readonly page: string;
  /** Debian's package, which installs into /usr/share/datasets/NAME. */
  readonly debianPackage?: string;
}

const DIGITS = [...'0123456789'];
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** The four files of MNIST, whose names its successors kept. */
function mnistFiles(
  algorithm: 'sha256' | 'md5',
  checksums: readonly [string, string, string, string],
): { readonly train: IdxPart; readonly test: IdxPart } {
  const file = (name: string, index: 0 | 1 | 2 | 3): SourceFile => ({
    name,
    checksum: { algorithm, hex: checksums[index] },
  });
  return {
    train: {
      images: file('train-images-idx3-ubyte', 0),
      labels: file('train-labels-idx1-ubyte', 1),
    },
    test: { images: file('t10k-images-idx3-ubyte', 2), labels: file('t10k-labels-idx1-ubyte', 3) },
  };
}

/** EMNIST comes as one archive of 536 MB that is unpacked by hand. Its images lie transposed. */
function emnist(split: string, classNames: readonly string[], firstLabel = 0): IdxSource {
  const part = (name: string): IdxPart => ({
    images: { name: `emnist-${split}-${name}-images-idx3-ubyte` },
    labels: { name: `emnist-${split}-${name}-labels-idx1-ubyte` },
  });
  return {
    classes: classNames.length,
    classNames,
    firstLabel,
    train: part('train'),
    test: part('test'),
    mirrors: [],
    page: 'https://www.nist.gov/itl/products-and-services/emnist-dataset (gzip.zip)',
  };
}

/** By name. */
export const IDX_SOURCES = {
  /** Y. LeCun, C. Cortes, C. Burges, 1998. */
  mnist: {
    classes: 10,
    classNames: DIGITS,
    firstLabel: 0,
    ...mnistFiles('sha256', [
      '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
    ]),
    mirrors: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
    page: 'https://github.com/cvdfoundation/mnist',
  },
  /** H. Xiao, K. Rasul, R. Vollgraf, 2017; MIT. */
  'fashion-mnist': {
    classes: 10,
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    firstLabel: 0,
    ...mnistFiles('sha256', [
      '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    ]),
    mirrors: [
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    ],
    page: 'https://github.com/zalandoresearch/fashion-mnist',
    debianPackage: 'dataset-fashion-mnist',
  },
  /** Kuzushiji-MNIST: T. Clanuwat and others, 2018; CC BY-SA 4.0. */
  kmnist: {
    classes: 10,
    classNames: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
    firstLabel: 0,
    ...mnistFiles('md5', [
      'bdb82020997e1d708af4cf47b453dcf7',
      'e144d726b3acfaa3e44228e80efcd344',
      '5c965bf0a639b31b8f53240b1b52f4d7',
      '7320c461ea6c1c855c0b718fb2a4b134',
    ]),
    mirrors: ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
    page: 'http://codh.rois.ac.jp/kmnist/',
  },
  /** G. Cohen, S. Afshar, J. Tapson, A. van Schaik, 2017. */
  'emnist-balanced': emnist('balanced', [...DIGITS, ...LETTERS, ...'abdefghnqrt']),
  'emnist-digits': emnist('digits', DIGITS),
  'emnist-letters': emnist('letters', LETTERS, 1),
} as const satisfies Record<string, IdxSource>;

/** A data set in CIFAR's binary version, fetched by hand. */
export interface CifarSource {
  /** Folder in the archive. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Class names, one a line. */
  readonly classNames: string;
  readonly page: string;
}

const CIFAR_PAGE = 'https://www.cs.toronto.edu/~kriz/cifar.html';

const CIFAR100 = {
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: ['test.bin'],
  page: `${CIFAR_PAGE} (cifar-100-binary.tar.gz)`,
} as const;

/** By name. A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009. */
export const CIFAR_SOURCES = {
  'cifar-10': {
    folder: 'cifar-10-batches-bin',
    train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
    test: ['test_batch.bin'],
    classNames: 'batches.meta.txt',
    page: `${CIFAR_PAGE} (cifar-10-binary.tar.gz)`,
  },
  'cifar-100': { ...CIFAR100, classNames: 'fine_label_names.txt' },
  'cifar-100-coarse': { ...CIFAR100, classNames: 'coarse_label_names.txt' },
} as const satisfies Record<string, CifarSource>;

/** Every name that loadDataset knows. */
export const DATASET_NAMES: readonly string[] = [
  'digits',
  'diabetes',
  ...Object.keys(IDX_SOURCES),
  ...Object.keys(CIFAR_SOURCES),
];
