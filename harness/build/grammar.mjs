/** Peggy grammars -> src/generated/*-parser.{js,d.ts}. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Every grammar: its file, its parser, and what each start rule returns (types beside the grammar). */
export const grammars = [
  {
    source: 'src/polynomial/grammar.peggy',
    parser: 'polynomial-parser.js',
    returnTypes: {
      Text: 'import("../polynomial/syntax.js").Statement[]',
      Single: 'import("../polynomial/syntax.js").Statement',
      Phc: 'import("../polynomial/syntax.js").PhcFile',
      Julia: 'import("../polynomial/syntax.js").JuliaScript',
      Json: 'unknown',
    },
  },
  {
    source: 'src/network/notation.peggy',
    parser: 'notation-parser.js',
    returnTypes: {
      Network: 'import("../network/notation-syntax.js").NotationSyntax',
      Single: 'import("../network/notation-syntax.js").NotationCall',
    },
  },
];

/** Runs Peggy's command line, because only that writes type declarations. */
export function generateParser({ source, returnTypes }, output) {
  const peggy = join(dirname(require.resolve('peggy')), '..', 'bin', 'peggy.js');
  execFileSync(process.execPath, [
    peggy,
    ...['--format', 'es'],
    '--dts',
    ...['--allowed-start-rules', Object.keys(returnTypes).join(',')],
    ...['--return-types', JSON.stringify(returnTypes)],
    ...['--output', output],
    source,
  ]);
}
