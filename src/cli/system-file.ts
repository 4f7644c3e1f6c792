/** What commands that read a system from a file agree on. */
import type { SystemFormat } from '../polynomial/index.js';

/** Choices of --format. */
export const FORMATS: readonly SystemFormat[] = ['text', 'json', 'phc', 'julia'];

/** The name of a system: its file's, without folder and ending. */
export function nameOf(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.[^.]+$/, '') || file;
}
