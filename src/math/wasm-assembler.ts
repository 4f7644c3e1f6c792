/**
 * A WebAssembly binary writer, as small as our kernels need: one memory, functions without calls, vectors
 * of two f64 (one complex number each) or four f32.
 *
 * Encoding: WebAssembly core specification 2.0, chapter 5; opcodes are named after their text form.
 */

const enum Section {
  Type = 1,
  Function = 3,
  Memory = 5,
  Export = 7,
  Code = 10,
}

export const Type = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof Type)[keyof typeof Type];

/** A run of bytes that grows. */
class Bytes {
  private buffer = new Uint8Array(256);
  length = 0;

  push(byte: number): this {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = byte;
    return this;
  }

  append(bytes: ArrayLike<number>): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** LEB128. */
  unsigned(value: number): this {
    for (; value > 0x7f; value = Math.floor(value / 128)) this.push((value % 128) | 0x80);
    return this.push(value);
  }

  signed(value: bigint): this {
    for (; value > 63n || value < -64n; value >>= 7n) this.push(Number(value & 0x7fn) | 0x80);
    return this.push(Number(value & 0x7fn));
  }

  /** Behind their length. */
  sized(bytes: Bytes): this {
    return this.unsigned(bytes.length).append(bytes.written);
  }

  text(name: string): this {
    const bytes = new TextEncoder().encode(name);
    return this.unsigned(bytes.length).append(bytes);
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + bytes));
    larger.set(this.buffer);
    this.buffer = larger;
  }
}

/** What engines allow a function (WebAssembly JavaScript Interface, implementation limits). */
const MOST_LOCALS = 50_000;
const MOST_BYTES = 7_654_321;

/** Code of one function; every method appends an instruction. */
export class FunctionBody {
  private readonly bytes = new Bytes();
  private readonly locals: ValueType[] = [];

  constructor(readonly parameters: readonly ValueType[]) {}

  /** A new local variable of the given type. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters.length + this.locals.length - 1;
  }

  get(local: number): this {
    return this.op(0x20).unsigned(local);
  }
  set(local: number): this {
    return this.op(0x21).unsigned(local);
  }
  tee(local: number): this {
    return this.op(0x22).unsigned(local);
  }
  i32(value: number): this {
    this.op(0x41).bytes.signed(BigInt(value));
    return this;
  }
  i64(value: bigint): this {
    this.op(0x42).bytes.signed(value);
    return this;
  }
  f64(value: number): this {
    this.op(0x44).bytes.append(bytesOf(value));
    return this;
  }

  /** Addresses are absolute: base 0 plus a constant offset, or a base from the stack. */
  loadF64(offset: number): this {
    return this.op(0x2b).memory(3, offset);
  }
  storeI32(offset: number): this {
    return this.op(0x36).memory(2, offset);
  }
  storeF64(offset: number): this {
    return this.op(0x39).memory(3, offset);
  }
  loadI32(offset: number): this {
    return this.op(0x28).memory(2, offset);
  }
  loadVector(offset: number): this {
    return this.vector(0x00).memory(4, offset);
  }
  storeVector(offset: number): this {
    return this.vector(0x0b).memory(4, offset);
  }
  loadSplat(offset: number): this {
    return this.vector(0x0a).memory(3, offset);
  }

  loadSplatF32(offset: number): this {
    return this.vector(0x09).memory(2, offset);
  }

  splat(): this {
    return this.vector(0x14);
  }
  extractLane(lane: 0 | 1): this {
    this.vector(0x21).bytes.push(lane);
    return this;
  }
  /** f64x2 lanes of the pair (a, b) numbered 0 to 3. */
  shuffle(first: number, second: number): this {
    this.vector(0x0d);
    for (const lane of [first, second]) {
      for (let byte = 0; byte < 8; byte++) this.bytes.push(8 * lane + byte);
    }
    return this;
  }
  vectorConstant(low: number, high: number): this {
    this.vector(0x0c);
    this.bytes.append(bytesOf(low, high));
    return this;
  }
  addVector(): this {
    return this.vector(0xf0);
  }
  subtractVector(): this {
    return this.vector(0xf1);
  }
  multiplyVector(): this {
    return this.vector(0xf2);
  }
  addF32Vector(): this {
    return this.vector(0xe4);
  }
  multiplyF32Vector(): this {
    return this.vector(0xe6);
  }
  xorVector(): this {
    return this.vector(0x51);
  }
  absoluteVector(): this {
    return this.vector(0xec);
  }
  /** Lane-wise maximum; NaN if either is. */
  maximumVector(): this {
    return this.vector(0xf5);
  }

  add(): this {
    return this.op(0xa0);
  }
  subtract(): this {
    return this.op(0xa1);
  }
  multiply(): this {
    return this.op(0xa2);
  }
  divide(): this {
    return this.op(0xa3);
  }
  squareRoot(): this {
    return this.op(0x9f);
  }
  negate(): this {
    return this.op(0x9a);
  }
  minimum(): this {
    return this.op(0xa4);
  }
  maximum(): this {
    return this.op(0xa5);
  }
  greaterF64(): this {
    return this.op(0x64);
  }
  lessF64(): this {
    return this.op(0x63);
  }
  andI32(): this {
    return this.op(0x71);
  }
  addI32(): this {
    return this.op(0x6a);
  }
  multiplyI32(): this {
    return this.op(0x6c);
  }
  /** Of unsigned numbers: counts and addresses. */
  lessU32(): this {
    return this.op(0x49);
  }
  equalZeroI32(): this {
    return this.op(0x45);
  }
  andI64(): this {
    return this.op(0x83);
  }
  subtractI64(): this {
    return this.op(0x7d);
  }
  bitsOfF64(): this {
    return this.op(0xbd);
  }
  f64OfBits(): this {
    return this.op(0xbf);
  }
  /** Takes (a, b, condition). */
  select(): this {
    return this.op(0x1b);
  }
  ifThen(body: () => void): this {
    this.op(0x04).bytes.push(0x40);
    body();
    return this.op(0x0b);
  }
  /** Repeats the body while `condition` leaves something other than 0; it is asked before the first time, too. */
  whileTrue(condition: () => void, body: () => void): this {
    this.op(0x02).bytes.push(0x40);
    this.op(0x03).bytes.push(0x40);
    condition();
    this.equalZeroI32().op(0x0d).unsigned(1);
    body();
    return this.op(0x0c).unsigned(0).op(0x0b).op(0x0b);
  }
  return(): this {
    return this.op(0x0f);
  }

  /** More than an engine compiles. */
  get isTooLarge(): boolean {
    return (
      this.parameters.length + this.locals.length > MOST_LOCALS || this.bytes.length > MOST_BYTES
    );
  }

  encode(): Bytes {
    const runs: [number, ValueType][] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const code = new Bytes().unsigned(runs.length);
    for (const [count, type] of runs) code.unsigned(count).push(type);
    return code.append(this.bytes.written).push(0x0b);
  }

  private op(code: number): this {
    this.bytes.push(code);
    return this;
  }
  private vector(code: number): this {
    return this.op(0xfd).unsigned(code);
  }
  private memory(alignment: number, offset: number): this {
    return this.unsigned(alignment).unsigned(offset);
  }
  private unsigned(value: number): this {
    this.bytes.unsigned(value);
    return this;
  }
}

/**
 * A module that exports its memory and the given functions, each returning one f64.
 * @param bytes size of the memory.
 */
export function encodeModule(
  functions: Readonly<Record<string, FunctionBody>>,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  const bodies = Object.values(functions);
  const module = new Bytes().append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const section = (id: Section, write: (content: Bytes) => void) => {
    const content = new Bytes();
    write(content);
    module.push(id).sized(content);
  };
  section(Section.Type, (types) => {
    types.unsigned(bodies.length);
    for (const { parameters } of bodies)
      types.push(0x60).unsigned(parameters.length).append(parameters).push(1).push(Type.f64);
  });
  section(Section.Function, (indices) => {
    indices.unsigned(bodies.length);
    bodies.forEach((_, index) => indices.unsigned(index));
  });
  section(Section.Memory, (memory) =>
    memory
      .push(1)
      .push(0)
      .unsigned(Math.ceil(bytes / 65536)),
  );
  section(Section.Export, (exports) => {
    exports
      .unsigned(bodies.length + 1)
      .text('memory')
      .push(2)
      .push(0);
    Object.keys(functions).forEach((name, index) => exports.text(name).push(0).unsigned(index));
  });
  section(Section.Code, (code) => {
    code.unsigned(bodies.length);
    for (const body of bodies) code.sized(body.encode());
  });
  return module.written;
}

function bytesOf(...numbers: number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(numbers).buffer);
}
