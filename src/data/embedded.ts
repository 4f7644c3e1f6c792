/** The data sets that come with the package, in a page as in Node. */
import { readCsvDataset } from './table-dataset.js';
import { makeDataset, scaleOnly, type Dataset } from './dataset.js';
import { DIABETES_CSV, DIABETES_TARGET } from './diabetes.js';
import { gunzip } from './gzip.js';

/** Pixels of the digits go from 0 to 16. */
const DIGIT_WHITE = 16;

/**
 * 1,797 handwritten digits, 8 x 8 pixels, 10 classes.
 *
 * The test part of "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI
 * Machine Learning Repository, 1998, CC BY 4.0. There is no test set apart.
 */
export async function digitsDataset(): Promise<Dataset> {
  // On demand: programs that train on their own data need not load 80 kB of these.
  const { DIGITS_CSV_GZ_BASE64 } = await import('./digits-base64.js');
  const compressed = Uint8Array.from(atob(DIGITS_CSV_GZ_BASE64), (character) =>
    character.charCodeAt(0),
  );
  const csv = new TextDecoder().decode(await gunzip(compressed, 'the embedded digits'));
  const rows = readCsvDataset(csv, {
    name: 'digits',
    target: '65',
    kind: 'class',
    classes: 10,
    header: false,
  });
  const shape = [8, 8, 1];
  return makeDataset({
    name: 'digits',
    shape,
    inputs: Uint8Array.from(rows.inputs),
    targets: rows.targets,
    normalization: scaleOnly(shape, DIGIT_WHITE),
  });
}

/**
 * 442 patients: ten baseline variables, in their own units, and a measure of the disease one year
 * later. Efron, Hastie, Johnstone, Tibshirani, Annals of Statistics 32 (2004) 407-499.
 */
export function diabetesDataset(): Dataset {
  return readCsvDataset(DIABETES_CSV, { name: 'diabetes', target: DIABETES_TARGET });
}
