/**
 * Scripts for HomotopyContinuation.jl: the system that they define, and a system as such a script.
 *
 *   @var x y p
 *   F = System([x^2 + 2y - p, x*y - 1//3]; parameters = [p])
 *
 * Read are `@var` (or `@polyvar`) with arrays (`x[1:3]` declares x₁ x₂ x₃, as ModelKit names them),
 * definitions (`f = x + y`), and the first `System(...)` or list of polynomials; the rest of the script is
 * not. Juxtaposition binds as in Julia (1/2x is 1/(2x)), `//` divides, `im` is the imaginary unit.
 */
import { locate, SystemError, type Source } from './errors.js';
import type { Expression, JuliaScript, Statement } from './syntax.js';

/** Nodes of the equations after definitions were put in: doubling twenty times is a mistake. */
const MOST_NODES = 1_000_000;

/** Reserved words of Julia, and `im`, which coefficients need. */
const RESERVED = new Set(
  'baremodule begin break catch const continue do else elseif end export false finally for function global if im import let local macro module quote return struct true try using while'.split(
    ' ',
  ),
);

export interface ResolvedScript {
  readonly variables: readonly string[];
  readonly parameters: readonly string[];
  readonly statements: readonly Statement[];
}

/** True when text begins as a script does. */
export function looksLikeJulia(text: string): boolean {
  return /^(\s|#[^\r\n]*)*(using\s|import\s|@var\s|@polyvar\s)/.test(text);
}

/** Why an unknown cannot have its name in Julia, or null. */
export function juliaNameProblem(name: string): string | null {
  if (RESERVED.has(name)) return `"${name}" is a word of Julia`;
  return /^_+$/.test(name) ? `"${name}" cannot be read in Julia` : null;
}

/**
 * Puts definitions in the place of their names, and the project's imaginary unit in that of `im`.
 *
 * @throws SystemError codes unknown-symbol for names that are neither declared nor defined, parameters for
 *   declared names that are in no list, too-many-terms when definitions grow too large
 */
export function resolveScript(script: JuliaScript, source: Source): ResolvedScript {
  const declared = script.steps.flatMap((step) => (step.kind === 'variables' ? step.names : []));
  const listed = (kind: 'variables' | 'parameters') =>
    script.lists.find((list) => list.kind === kind)?.names;
  const parameters = listed('parameters') ?? [];
  const variables = listed('variables') ?? declared.filter((name) => !parameters.includes(name));
  const missing = [...variables, ...parameters].find((name) => !declared.includes(name));
  if (missing !== undefined) {
    throw new SystemError(
      'unknown-symbol',
      `System(...) names "${missing}", which no @var declares: declare it`,
    );
  }
  const resolver = new Resolver(declared, new Set([...variables, ...parameters]), source);
  for (const step of script.steps) {
    if (step.kind === 'definition') resolver.define(step.name, step.expression);
  }
  const statements = script.statements.map(({ expression, offset }) => ({
    expression: expression && resolver.resolve(expression),
    offset,
  }));
  return { variables, parameters, statements };
}

class Resolver {
  private readonly definitions = new Map<string, Expression>();
  private readonly imaginaryUnit: string | undefined;
  private nodes = 0;
  private readonly sizes = new Map<Expression, number>();

  constructor(
    private readonly declared: readonly string[],
    private readonly used: ReadonlySet<string>,
    private readonly source: Source,
  ) {
    this.imaginaryUnit = ['i', 'I'].find((name) => !declared.includes(name));
  }

  define(name: string, expression: Expression): void {
    const before = this.nodes;
    const resolved = this.resolve(expression);
    this.sizes.set(resolved, this.nodes - before);
    this.nodes = before;
    this.definitions.set(name, resolved);
  }

  resolve(expression: Expression): Expression {
    this.count(1, expression);
    switch (expression.kind) {
      case 'number':
        return expression;
      case 'symbol':
        return this.resolveSymbol(expression);
      case 'sum':
        return { ...expression, terms: expression.terms.map((term) => this.resolveIn(term)) };
      case 'product':
        return {
          ...expression,
          factors: expression.factors.map((factor) => this.resolveIn(factor)),
        };
      case 'power':
        return {
          ...expression,
          base: this.resolve(expression.base),
          exponent: this.resolve(expression.exponent),
        };
    }
  }

  private resolveIn<Part extends { readonly expression: Expression }>(part: Part): Part {
    return { ...part, expression: this.resolve(part.expression) };
  }

  private resolveSymbol(symbol: Expression & { readonly kind: 'symbol' }): Expression {
    const { name } = symbol;
    const defined = this.definitions.get(name);
    if (defined) {
      this.count(this.sizes.get(defined)!, symbol);
      return defined;
    }
    if (this.used.has(name)) return symbol;
    if (name === 'im' && this.imaginaryUnit !== undefined) {
      return { ...symbol, name: this.imaginaryUnit };
    }
    const place = locate(this.source, symbol.offset);
    const isKnown = this.declared.includes(name);
    const problem = isKnown
      ? `"${name}" is declared, but neither a variable nor a parameter of System(...): add it to a list`
      : `unknown name "${name}": declare it with @var, or define it before it is used`;
    throw new SystemError('unknown-symbol', `${place.label}: ${problem}`, place);
  }

  private count(nodes: number, at: Expression): void {
    this.nodes += nodes;
    if (this.nodes <= MOST_NODES) return;
    throw new SystemError(
      'too-many-terms',
      `the equations have more than ${MOST_NODES} operations once their definitions are put in: nest fewer`,
      'offset' in at ? locate(this.source, at.offset) : undefined,
    );
  }
}
