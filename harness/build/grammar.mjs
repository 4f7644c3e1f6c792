/** src/polynomial/grammar.peggy -> src/generated/polynomial-parser.{js,d.ts}. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** What each start rule of the grammar returns (types of src/polynomial/syntax.ts). */
const syntax = 'import("../polynomial/syntax.js")';
const returnTypes = {
  Text: `${syntax}.Statement[]`,
  Single: `${syntax}.Statement`,
  Phc: `${syntax}.PhcFile`,
  Json: 'unknown',
};

/** Runs Peggy's command line, because only that writes type declarations. */
export function generateParser(grammar, output) {
  const peggy = join(dirname(require.resolve('peggy')), '..', 'bin', 'peggy.js');
  execFileSync(process.execPath, [
    peggy,
    ...['--format', 'es'],
    '--dts',
    ...['--allowed-start-rules', Object.keys(returnTypes).join(',')],
    ...['--return-types', JSON.stringify(returnTypes)],
    ...['--output', output],
    grammar,
  ]);
}
