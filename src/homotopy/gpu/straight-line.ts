/**
 * A writer of straight-line complex arithmetic in WGSL.
 *
 * Every value is a pair of f32 scalars bound by `let`. Scalars, not vec2f: a complex product then
 * needs no swizzles and no negations, real factors cost half, and a software adapter compiles the
 * same code either way. `let`, never `var`: a function-scope variable inside a loop is a masked
 * store on a software adapter. Equal expressions are written once (value numbering), so callers
 * may ask for the same power or product twice.
 */

/** A complex number in generated code; `im === null` means it is known to be real. */
export interface ComplexValue {
  readonly re: string;
  readonly im: string | null;
}

/** `null` is the known zero: structural zeros of a Jacobian cost nothing. */
export type MaybeZero = ComplexValue | null;

/** One summand, its sign kept apart so that a subtraction costs no negation. */
export interface Summand {
  readonly value: ComplexValue;
  readonly negative?: boolean;
}

/** Terms per statement: parsers recurse over an expression, and Tint refuses a depth above 512. */
const TERMS_PER_STATEMENT = 24;

/** f32 literal in WGSL syntax. */
export function literal(value: number): string {
  return `${value}f`;
}

export class StraightLine {
  private readonly lines: string[] = [];
  private readonly known = new Map<string, string>();
  private operationCount = 0;

  constructor(private readonly prefix: string) {}

  /** f32 operations written so far: what an iteration costs and what a compiler must digest. */
  get operations(): number {
    return this.operationCount;
  }

  /** The code so far. */
  statements(): readonly string[] {
    return this.lines;
  }

  /** Binds an f32 expression to a name; the same expression gets the same name. */
  bind(expression: string, operations: number): string {
    const before = this.known.get(expression);
    if (before !== undefined) return before;
    const name = `${this.prefix}${this.known.size}`;
    this.known.set(expression, name);
    this.operationCount += operations;
    this.lines.push(`let ${name} = ${expression};`);
    return name;
  }

  mul(a: ComplexValue, b: ComplexValue): ComplexValue {
    if (a.im === null && b.im === null) return { re: this.bind(`${a.re} * ${b.re}`, 1), im: null };
    if (a.im === null) return this.mul(b, a);
    if (b.im === null) {
      return { re: this.bind(`${a.re} * ${b.re}`, 1), im: this.bind(`${a.im} * ${b.re}`, 1) };
    }
    if (a.re === b.re && a.im === b.im) {
      return {
        re: this.bind(`(${a.re} - ${a.im}) * (${a.re} + ${a.im})`, 3),
        im: this.bind(`(${a.re} + ${a.re}) * ${a.im}`, 2),
      };
    }
    return {
      re: this.bind(`${a.re} * ${b.re} - ${a.im} * ${b.im}`, 3),
      im: this.bind(`${a.re} * ${b.im} + ${a.im} * ${b.re}`, 3),
    };
  }

  /** a - b c */
  mulSub(a: MaybeZero, b: ComplexValue, c: ComplexValue): ComplexValue {
    return this.dot([{ left: b, right: c, negative: true }], a)!;
  }

  /** start + sum of +- left * right, in as few statements as the expression depth allows. */
  dot(
    terms: readonly { left: ComplexValue; right: ComplexValue; negative?: boolean }[],
    start: MaybeZero = null,
  ): MaybeZero {
    const re: string[] = [];
    const im: string[] = [];
    if (start) {
      re.push(`+ ${start.re}`);
      if (start.im !== null) im.push(`+ ${start.im}`);
    }
    for (const { left, right, negative } of terms) {
      const [plus, minus] = negative ? ['-', '+'] : ['+', '-'];
      re.push(`${plus} ${left.re} * ${right.re}`);
      if (left.im !== null && right.im !== null) re.push(`${minus} ${left.im} * ${right.im}`);
      if (right.im !== null) im.push(`${plus} ${left.re} * ${right.im}`);
      if (left.im !== null) im.push(`${plus} ${left.im} * ${right.re}`);
    }
    if (re.length === 0) return null;
    return { re: this.sumText(re), im: im.length > 0 ? this.sumText(im) : null };
  }

  sum(terms: readonly Summand[]): MaybeZero {
    if (terms.length === 0) return null;
    if (terms.length === 1 && !terms[0]!.negative) return terms[0]!.value;
    const part = (pick: (value: ComplexValue) => string | null): string[] =>
      terms.flatMap(({ value, negative }) => {
        const text = pick(value);
        return text === null ? [] : [`${negative ? '-' : '+'} ${text}`];
      });
    const im = part((value) => value.im);
    return {
      re: this.sumText(part((value) => value.re)),
      im: im.length > 0 ? this.sumText(im) : null,
    };
  }

  /** |a|^2 */
  squaredModulus(a: ComplexValue): string {
    return this.bind(
      a.im === null ? `${a.re} * ${a.re}` : `${a.re} * ${a.re} + ${a.im} * ${a.im}`,
      3,
    );
  }

  /** 1 / a. No scaling: |a|^2 outside the f32 range gives a non-finite step, which is rejected. */
  reciprocal(a: ComplexValue): ComplexValue {
    if (a.im === null) return { re: this.bind(`1.0f / ${a.re}`, 1), im: null };
    const scale = this.bind(`1.0f / ${this.squaredModulus(a)}`, 1);
    return { re: this.bind(`${a.re} * ${scale}`, 1), im: this.bind(`-${a.im} * ${scale}`, 2) };
  }

  /** The largest (or smallest) of some f32 expressions, as a balanced tree. */
  extreme(of: 'max' | 'min', items: readonly string[]): string {
    if (items.length === 1) return items[0]!;
    const half = items.length >> 1;
    const left = this.extreme(of, items.slice(0, half));
    return this.bind(`${of}(${left}, ${this.extreme(of, items.slice(half))})`, 1);
  }

  /** base^exponent by squaring; powers of the same base share their parts. */
  power(base: ComplexValue, exponent: number): ComplexValue {
    if (exponent === 0) return { re: '1.0f', im: null };
    if (exponent === 1) return base;
    const half = this.power(base, exponent >> 1);
    const square = this.mul(half, half);
    return exponent % 2 === 0 ? square : this.mul(base, square);
  }

  /** Signed terms `+ a` / `- a` to one expression, cut into statements. */
  private sumText(terms: readonly string[]): string {
    let previous: string | null = null;
    for (let first = 0; first < terms.length; first += TERMS_PER_STATEMENT) {
      const part: string[] = terms.slice(first, first + TERMS_PER_STATEMENT);
      if (previous !== null) part.unshift(`+ ${previous}`);
      const text = part.join(' ');
      const products = part.filter((term) => term.includes('*')).length;
      previous = this.bind(
        text.startsWith('+ ') ? text.slice(2) : text,
        part.length - 1 + products,
      );
    }
    return previous!;
  }
}
