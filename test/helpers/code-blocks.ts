/** The code blocks of a page of documentation, with what comments before them say of them. */
import { readFileSync } from 'node:fs';

export interface CodeBlock {
  /** After the fence: 'ts', 'console', ... */
  readonly language: string;
  readonly code: string;
  /** Of the fence, from 1. */
  readonly line: number;
  /** `<!-- not run: REASON -->` before the block. */
  readonly reason: string | null;
  /** `<!-- run by FILE -->` before the block: the test that reads it from here and runs it. */
  readonly runBy: string | null;
  /** `<!-- before: CODE -->` before the block: what the text leaves out. */
  readonly before: string;
}

/** Blocks of Markdown, in their order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const block = /(?:<!-- (not run:|before:|run by )([^]*?)-->\s*)?^```(\w*)\n([^]*?)^```$/gm;
  return Array.from(markdown.matchAll(block), (match) => {
    const [whole, kind, comment = '', language = '', code = ''] = match;
    const start = match.index + whole.lastIndexOf(`\`\`\`${language}\n${code}`);
    return {
      language,
      code,
      line: markdown.slice(0, start).split('\n').length,
      reason: kind === 'not run:' ? comment.trim() : null,
      runBy: kind === 'run by ' ? comment.trim() : null,
      before: kind === 'before:' ? comment.trim() : '',
    };
  });
}

/** The blocks of a page that a test says it runs. @param file of the test, from the root */
export function blocksRunBy(file: string, page: string): CodeBlock[] {
  const markdown = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  return codeBlocks(markdown).filter(({ runBy }) => runBy === file);
}

/** The words after `lps` of each of its lines in a block. */
export function lpsCommandsIn({ code }: CodeBlock): string[][] {
  return Array.from(code.matchAll(/^(?:\$ |npx )?lps ([^#\n]*)/gm), ([, words]) =>
    words!.trim().split(/ +/),
  );
}

/**
 * One program of the blocks of a page, each inside the one before it: it sees what that declared, and may declare it anew.
 * Imports come first, once each; `importFrom` says from where.
 */
export function programOf(
  blocks: readonly CodeBlock[],
  importFrom: (specifier: string) => string,
): string {
  const imports = new Map<string, Set<string>>();
  const pattern = /^import \{([^}]*)\} from '([^']+)';$/gm;
  const bodies = blocks.map(({ before, code, line }) =>
    `{\n${before}\n{ // line ${line}\n${code}`.replace(
      pattern,
      (_, names: string, specifier: string) => {
        const known = imports.get(specifier) ?? new Set();
        for (const name of names.split(',')) if (name.trim()) known.add(name.trim());
        imports.set(specifier, known);
        return '';
      },
    ),
  );
  const seen = new Set<string>();
  const heads = [...imports].map(([specifier, names]) => {
    const own = [...names].filter((name) => !seen.has(name));
    for (const name of own) seen.add(name);
    return `import { ${own.join(', ')} } from ${JSON.stringify(importFrom(specifier))};\n`;
  });
  return `${heads.join('')}${bodies.join('\n')}${'}}'.repeat(bodies.length)}\n`;
}
