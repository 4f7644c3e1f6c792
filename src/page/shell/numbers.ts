/** Numbers that a visitor types. */
import { LpsError } from '../../math/lps-error.js';

/** A field holds what it cannot. */
export class FieldError extends LpsError {
  override readonly name = 'FieldError';
  override readonly kind = 'input';
}

/**
 * A whole number from a field.
 *
 * @throws FieldError naming the field, the value and the range
 */
export function readWholeNumber(
  field: string,
  text: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER } = {},
): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || value < least || value > most)
    throw new FieldError(
      `${field} is "${text}": write a whole number from ${least} to ${most.toLocaleString('en')}.`,
    );
  return value;
}

/**
 * A positive number from a field.
 *
 * @throws FieldError naming the field and the value
 */
export function readPositiveNumber(field: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new FieldError(`${field} is "${text}": write a number above 0, such as 0.01.`);
  return value;
}
