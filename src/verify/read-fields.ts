/** Fields of a document from elsewhere, each checked as far as its form goes. */
import { LpsError } from '../math/lps-error.js';

/** A document that cannot be verified. */
export class DocumentError extends LpsError {
  override readonly name = 'DocumentError';
  override readonly kind = 'input';
}

export type Fields = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DocumentError(`${name} is missing, or no object`);
}

export function listAt(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new DocumentError(`${name} is missing, or no list`);
}

export function numberAt(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new DocumentError(`${name} is ${JSON.stringify(value)}; it must be a finite number`);
}

export function textAt(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new DocumentError(`${name} is ${JSON.stringify(value)}; it must be text`);
}

export function flagAt(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new DocumentError(`${name} is ${JSON.stringify(value)}; it must be true or false`);
}

export function vectorAt(value: unknown, name: string): number[] {
  return listAt(value, name).map((entry, k) => numberAt(entry, `${name}[${k}]`));
}

export function matrixAt(value: unknown, name: string): number[][] {
  return listAt(value, name).map((row, i) => vectorAt(row, `${name}[${i}]`));
}
