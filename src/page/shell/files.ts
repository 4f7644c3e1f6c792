/** Files in and out: what a visitor chooses or drops, and what is downloaded. */
import { LpsError } from '../../math/lps-error.js';

/** A chosen or dropped file that cannot be used. */
export class FileError extends LpsError {
  override readonly name = 'FileError';
  override readonly kind = 'input';
}

const MOST_BYTES = 20 * 2 ** 20;

/**
 * The text of a file.
 *
 * @param wanted what it should hold, for the message
 * @throws FileError for a file that is empty, larger than 20 MiB, or no text
 */
export async function readTextFile(file: File, wanted: string): Promise<string> {
  const refuse = (reason: string): FileError =>
    new FileError(`The file "${file.name}" ${reason}: choose ${wanted}.`);
  if (file.size === 0) throw refuse('is empty');
  if (file.size > MOST_BYTES)
    throw refuse(`has ${(file.size / 2 ** 20).toFixed(0)} MiB, and 20 MiB are the most`);
  const bytes = await file.arrayBuffer().catch(() => {
    throw refuse('cannot be read (is it a folder?)');
  });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Not UTF-8: no text.
  }
  throw refuse('is not a text file');
}

/** Takes files that are chosen in `input` or dropped on `target`. */
export function acceptFiles(
  input: HTMLInputElement,
  target: HTMLElement,
  take: (file: File) => void,
): void {
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) take(file);
    // The same file may be chosen again.
    input.value = '';
  });
  const mark = (isOver: boolean) => target.classList.toggle('dropping', isOver);
  target.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  target.addEventListener('dragleave', () => mark(false));
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    const file = event.dataTransfer?.files[0];
    if (file) take(file);
  });
}

/** Lets the browser save a text. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function downloadJson(name: string, value: unknown): void {
  download(name, 'application/json', `${JSON.stringify(value, null, 1)}\n`);
}
