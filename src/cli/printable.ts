/**
 * Text from files on a terminal: names and lines of an input may hold escape sequences, which would move the
 * cursor, change the title or hide what follows.
 */

/** C0 and C1 controls but line end and tab, and the marks that reverse the direction of writing. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text with each such character as \xNN or \uNNNN. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
