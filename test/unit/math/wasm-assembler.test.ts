/**
 * Believed afterwards: what the assembler writes is valid WebAssembly and does what its methods say,
 * constants of any size included. The truth: JavaScript's own arithmetic and the engine's validator.
 */
import { describe, expect, it } from 'vitest';
import { encodeModule, FunctionBody, Type } from '../../../src/math/wasm-assembler.js';

function compile(
  parameters: readonly (typeof Type)[keyof typeof Type][],
  write: (body: FunctionBody) => void,
  bytes = 65536,
) {
  const body = new FunctionBody(parameters);
  write(body);
  const code = encodeModule({ run: body }, bytes);
  expect(WebAssembly.validate(code)).toBe(true);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  const memory = exports.memory as WebAssembly.Memory;
  return { run: exports.run as (...values: number[]) => number, memory };
}

const SOME = [0, -0, 1, -1.5, Math.PI, 1e300, -1e-300, 5e-324, Infinity];

describe('f64 instructions', () => {
  it.each<[string, (body: FunctionBody) => FunctionBody, (a: number, b: number) => number]>([
    ['add', (body) => body.add(), (a, b) => a + b],
    ['subtract', (body) => body.subtract(), (a, b) => a - b],
    ['multiply', (body) => body.multiply(), (a, b) => a * b],
    ['divide', (body) => body.divide(), (a, b) => a / b],
    ['minimum', (body) => body.minimum(), Math.min],
    ['maximum', (body) => body.maximum(), Math.max],
  ])('%s', (_, write, truth) => {
    const { run } = compile([Type.f64, Type.f64], (body) => write(body.get(0).get(1)));
    for (const a of SOME) for (const b of SOME) expect(run(a, b)).toBe(truth(a, b));
  });

  it('comparisons, select and negation', () => {
    const { run } = compile([Type.f64, Type.f64], (body) =>
      body.get(0).negate().get(1).get(0).get(1).greaterF64().select(),
    );
    for (const a of SOME) for (const b of SOME) expect(run(a, b)).toBe(a > b ? -a : b);
  });

  it('constants keep their bits', () => {
    for (const value of [...SOME, Number.MAX_VALUE, NaN]) {
      const { run } = compile([], (body) => body.f64(value));
      expect(run()).toBe(value);
    }
  });
});

it('i64 constants of every length of their encoding', () => {
  for (let bit = 0; bit < 63; bit++) {
    for (const value of [1n << BigInt(bit), (1n << BigInt(bit)) - 1n, -(1n << BigInt(bit))]) {
      const bits = compile([], (body) => body.i64(value).f64OfBits());
      const truth = new Float64Array(BigInt64Array.of(value).buffer)[0]!;
      expect(bits.run()).toBe(truth);
    }
  }
});

it('i32 constants and addresses beyond one byte', () => {
  for (const address of [0, 8, 120, 128, 8184, 16384, 65528]) {
    const { run, memory } = compile([Type.i32], (body) =>
      body.get(0).get(0).loadF64(address).f64(1).add().storeF64(address).f64(0),
    );
    new DataView(memory.buffer).setFloat64(address, 41, true);
    run(0);
    expect(new DataView(memory.buffer).getFloat64(address, true)).toBe(42);
  }
});

it('vectors: lanes, shuffles and products', () => {
  // (a + bi) times i = (-b, a), by a shuffle and a product with (-1, 1).
  const { run, memory } = compile([], (body) => {
    const z = body.local(Type.v128);
    body
      .i32(0)
      .i32(16)
      .loadVector(0)
      .set(z)
      .get(z)
      .get(z)
      .shuffle(1, 0)
      .vectorConstant(-1, 1)
      .multiplyVector()
      .storeVector(0)
      .get(z)
      .extractLane(1);
  });
  const numbers = new Float64Array(memory.buffer);
  numbers.set([3, 4], 2);
  expect(run()).toBe(4);
  expect([...numbers.subarray(0, 2)]).toEqual([-4, 3]);
});

it('a loop asks before the first time, locals of mixed types keep apart', () => {
  const { run } = compile([Type.i32], (body) => {
    const k = body.local(Type.i32);
    const sum = body.local(Type.f64);
    const more = body.local(Type.i32);
    const twos = body.local(Type.f64);
    body
      .f64(2)
      .set(twos)
      .i32(1)
      .set(more)
      .whileTrue(
        () => body.get(k).get(0).lessU32(),
        () => body.get(sum).get(twos).add().set(sum).get(k).get(more).addI32().set(k),
      );
    body.get(sum);
  });
  expect(run(0)).toBe(0);
  expect(run(1000)).toBe(2000);
});

it('several functions, and as much memory as asked for', () => {
  const one = new FunctionBody([]).f64(1);
  const two = new FunctionBody([Type.f64]).get(0).get(0).add();
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(encodeModule({ one, two }, 65537)),
  );
  expect((exports.one as () => number)()).toBe(1);
  expect((exports.two as (x: number) => number)(21)).toBe(42);
  expect((exports.memory as WebAssembly.Memory).buffer.byteLength).toBe(2 * 65536);
});

it('says what is too large for an engine', () => {
  const withLocals = (count: number) => {
    const body = new FunctionBody([]);
    for (let k = 0; k < count; k++) body.local(Type.v128);
    return body.f64(0);
  };
  for (const [count, isTooLarge] of [
    [50_000, false],
    [50_001, true],
  ] as const) {
    const body = withLocals(count);
    expect(body.isTooLarge).toBe(isTooLarge);
    expect(WebAssembly.validate(encodeModule({ run: body }, 65536))).toBe(!isTooLarge);
  }
});
