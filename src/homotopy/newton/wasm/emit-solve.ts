/**
 * Emits the solution of the n x n linear system with two right sides, by partial pivoting.
 */
import { Type, type FunctionBody } from '../../../math/wasm-assembler.js';
import { SizeEmitter } from './emit-complex.js';
import type { MemoryLayout } from './layout.js';

/**
 * Scales rows, factors with partial pivoting, substitutes both right sides; leaves the pivot ratio.
 *
 * Columns are unrolled, rows are loops: with both unrolled the code for 12 unknowns was 170 KB, which every iteration
 * fetched anew because the processor's instruction cache holds 32.
 */
export function emitSolve(body: FunctionBody, n: number, N: number, layout: MemoryLayout): void {
  const width = 16 * (n + 2);
  const end = n * width;
  const at = (i: number, c: number) => layout.matrix + i * width + 16 * c;
  const vector = body.local(Type.v128);
  const rotated = body.local(Type.v128);
  const factorRe = body.local(Type.v128);
  const factorIm = body.local(Type.v128);
  const size = body.local(Type.f64);
  const best = body.local(Type.f64);
  const smallest = body.local(Type.f64);
  const largest = body.local(Type.f64);
  const inverseRe = body.local(Type.f64);
  const inverseIm = body.local(Type.f64);
  const pivotRow = body.local(Type.i32);
  /** Byte offset of a row of the matrix. */
  const row = body.local(Type.i32);
  const source = body.local(Type.i32);
  const infinite = Infinity;

  const failUnlessPositiveFinite = (local: number) => {
    body.get(local).f64(0).greaterF64().get(local).f64(infinite).lessF64().andI32().equalZeroI32();
    body.ifThen(() => body.f64(0).return());
  };
  const splatScalar = (local: number, target: number) => body.get(local).splat().set(target);
  const forRowsFrom = (first: number, each: () => void) => {
    if (first >= n) return;
    body.i32(first * width).set(row);
    body.whileTrue(
      () => body.get(row).i32(end).lessU32(),
      () => {
        each();
        body.get(row).i32(width).addI32().set(row);
      },
    );
  };

  const offsets = Array.from({ length: n }, () => body.local(Type.i32));
  offsets.forEach((local, c) =>
    body
      .i32(0)
      .loadI32(layout.active + 4 * c)
      .set(local),
  );
  body.i32(0).set(source);
  forRowsFrom(0, () => {
    body.vectorConstant(0, 0).set(vector);
    for (let c = 0; c < n; c++) {
      body.get(row);
      body.get(offsets[c]!).get(source).addI32().loadVector(layout.jacobian).tee(rotated);
      body.storeVector(at(0, c));
      body.get(vector).get(rotated).absoluteVector().maximumVector().set(vector);
    }
    body.get(vector).extractLane(0).get(vector).extractLane(1).maximum().set(size);
    failUnlessPositiveFinite(size);
    // 2^-floor(log2 size): negate the exponent field (2046 - e), mantissa dropped.
    body.i64(2046n << 52n);
    body.get(size).bitsOfF64().i64(0x7ff0000000000000n).andI64();
    body.subtractI64().f64OfBits().splat().set(factorRe);
    for (let c = 0; c < n + 2; c++) {
      body.get(row).get(row).loadVector(at(0, c)).get(factorRe).multiplyVector();
      body.storeVector(at(0, c));
    }
    body
      .get(source)
      .i32(16 * N)
      .addI32()
      .set(source);
  });
  body.f64(infinite).set(smallest);
  body.f64(0).set(largest);
  for (let k = 0; k < n; k++) {
    body.f64(0).set(best);
    body.i32(0).set(pivotRow);
    forRowsFrom(k, () => {
      body.get(row).loadVector(at(0, k)).absoluteVector().tee(vector).extractLane(0);
      body.get(vector).extractLane(1).add().set(size);
      body.get(row).get(pivotRow).get(size).get(best).greaterF64().select().set(pivotRow);
      body.get(size).get(best).get(size).get(best).greaterF64().select().set(best);
    });
    failUnlessPositiveFinite(best);
    body.get(smallest).get(best).minimum().set(smallest);
    body.get(largest).get(best).maximum().set(largest);
    if (k < n - 1) {
      for (let c = k; c < n + 2; c++) {
        body.i32(0).loadVector(at(k, c)).set(vector);
        body.i32(0).get(pivotRow).loadVector(at(0, c)).storeVector(at(k, c));
        body.get(pivotRow).get(vector).storeVector(at(0, c));
      }
    }
    // 1 / pivot
    body.i32(0).loadF64(at(k, k)).set(inverseRe);
    body
      .i32(0)
      .loadF64(at(k, k) + 8)
      .set(inverseIm);
    body.f64(1);
    body.get(inverseRe).get(inverseRe).multiply().get(inverseIm).get(inverseIm).multiply().add();
    body.divide().set(size);
    body.get(inverseRe).get(size).multiply().set(inverseRe);
    body.get(inverseIm).get(size).multiply().negate().set(inverseIm);
    body.i32(0).get(inverseRe).storeF64(at(k, k));
    body
      .i32(0)
      .get(inverseIm)
      .storeF64(at(k, k) + 8);
    forRowsFrom(k + 1, () => {
      // -l = -(a_ik / pivot), as two splats
      const re = size;
      const im = best;
      const entry = at(0, k);
      body
        .get(row)
        .loadF64(entry + 8)
        .get(inverseIm)
        .multiply();
      body.get(row).loadF64(entry).get(inverseRe).multiply().subtract().set(re);
      body.get(row).loadF64(entry).get(inverseIm).multiply();
      body
        .get(row)
        .loadF64(entry + 8)
        .get(inverseRe)
        .multiply()
        .add()
        .negate()
        .set(im);
      splatScalar(re, factorRe);
      // i x = (-im x, re x): its sign goes into the factor, once a row.
      splatScalar(im, factorIm);
      body.get(factorIm).vectorConstant(-0, 0).xorVector().set(factorIm);
      for (let c = k + 1; c < n + 2; c++) {
        body.get(row);
        body.get(row).loadVector(at(0, c));
        body.i32(0).loadVector(at(k, c)).tee(vector).get(factorRe).multiplyVector().addVector();
        body.get(vector).get(vector).shuffle(1, 0);
        body.get(factorIm).multiplyVector().addVector();
        body.storeVector(at(0, c));
      }
    });
  }
  for (const [column, place] of [
    [n, layout.correction],
    [n + 1, layout.tangent],
  ] as const) {
    const sizes = new SizeEmitter(body);
    const solution = Array.from({ length: n }, () => body.local(Type.v128));
    const twins = Array.from({ length: n }, () => body.local(Type.v128));
    for (let i = n - 1; i >= 0; i--) {
      body.i32(0).loadVector(at(i, column));
      for (let c = i + 1; c < n; c++) {
        body.i32(0).loadSplat(at(i, c)).get(solution[c]!).multiplyVector().subtractVector();
        body
          .i32(0)
          .loadSplat(at(i, c) + 8)
          .get(twins[c]!)
          .multiplyVector()
          .subtractVector();
      }
      body.set(vector);
      body.i32(0).loadSplat(at(i, i)).get(vector).multiplyVector();
      body.i32(0).loadSplat(at(i, i) + 8);
      body.get(vector).get(vector).shuffle(1, 0).vectorConstant(-0, 0).xorVector();
      body.multiplyVector().addVector().set(solution[i]!);
      if (i > 0) {
        body.get(solution[i]!).get(solution[i]!).shuffle(1, 0);
        body.vectorConstant(-0, 0).xorVector().set(twins[i]!);
      }
      body.get(offsets[i]!).get(solution[i]!).storeVector(place);
      if (column === n) sizes.square(solution[i]!);
      else sizes.largestPart(solution[i]!);
    }
    sizes.store(column === n ? layout.sizes : layout.sizes + 8);
  }
  body.get(smallest).get(largest).divide();
}
