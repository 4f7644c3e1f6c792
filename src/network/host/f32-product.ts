/**
 * Products of matrices in f32 by WebAssembly's vectors of four: some 30 GFLOP/s on a core, where loops over typed
 * arrays make two.
 *
 * Both factors are copied into panels that a kernel reads from end to end, in blocks that the caches hold (Goto, van de
 * Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008). Each sum is added up in the order of
 * its terms, so that no block's size changes a result.
 */
import { encodeModule, FunctionBody, Type } from '../../math/wasm-assembler.js';
import type { Stepwise } from '../../math/stepwise.js';

/** Results of one call of the kernel: rows, and columns in vectors of four. */
const TILE_ROWS = 4;
export const TILE_COLUMNS = 8;
const VECTOR_FLOATS = 4;
/** Terms of a block: a panel of each factor stays in the nearest cache. */
const BLOCK_DEPTH = 1024;
/** Columns of a block, whose panels stay in the second. */
const BLOCK_COLUMNS = 128;
/** Rows of a block. */
const BLOCK_ROWS = 512;

const FLOAT_BYTES = 4;

/** [row][term], rows `stride` numbers apart. */
export interface LeftFactor {
  readonly data: Float32Array;
  readonly first: number;
  readonly rows: number;
  readonly stride: number;
}

/** The right factor, which may exist only column by column, as patches of images do. */
export interface RightFactor {
  readonly columns: number;
  /**
   * Copies terms `term` to `term + terms` of `columns` columns from `column` on to `target`, [panel of TILE_COLUMNS
   * columns][term][column of the panel]. What is beyond the last column of a panel may stay as it is.
   */
  pack(
    target: Float32Array,
    part: {
      readonly term: number;
      readonly terms: number;
      readonly column: number;
      readonly columns: number;
    },
  ): void;
}

/** Row i, column j lies at first + i rowStride + floor(j / run) runStride + j % run. */
export interface ProductPlace {
  readonly data: Float32Array;
  readonly first: number;
  readonly rowStride: number;
  readonly run: number;
  readonly runStride: number;
}

/** Adds TILE_ROWS x TILE_COLUMNS products, of panels of `terms` terms, to what is at `result`; places in bytes. */
type Kernel = (
  left: number,
  right: number,
  result: number,
  terms: number,
  rowBytes: number,
) => number;

/** The rows of a matrix as columns; rows lie `stride` numbers apart. */
export function rowsAsColumns(data: Float32Array, count: number, stride: number): RightFactor {
  return {
    columns: count,
    pack: (target, { term, terms, column, columns }) => {
      for (let index = 0; index < columns; index++) {
        const inPanel = index % TILE_COLUMNS;
        let to = (index - inPanel) * terms + inPanel;
        let from = (column + index) * stride + term;
        for (const end = from + terms; from < end; from++, to += TILE_COLUMNS) {
          target[to] = data[from]!;
        }
      }
    },
  };
}

export class F32Multiplier {
  private static own: F32Multiplier | undefined;
  /** Whose left panels are in memory: between two blocks others may have had the thread. */
  private packed: object | null = null;
  private readonly left: Float32Array;
  private readonly right: Float32Array;
  private readonly result: Float32Array;

  private constructor(
    memory: ArrayBuffer,
    private readonly kernel: Kernel,
  ) {
    const part = ({ start, floats }: Part) => new Float32Array(memory, FLOAT_BYTES * start, floats);
    this.left = part(PARTS.left);
    this.right = part(PARTS.right);
    this.result = part(PARTS.result);
  }

  /** The thread's only one: its memory is what a core's caches hold. */
  static ofThread(): F32Multiplier {
    return (this.own ??= this.create());
  }

  /** With WebAssembly where the page allows it, else with loops, which make the same sums of f64 terms. */
  private static create(): F32Multiplier {
    const bytes = encodeModule({ multiply: emitKernel() }, FLOAT_BYTES * MEMORY_FLOATS);
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      const { memory, multiply } = exports as { memory: WebAssembly.Memory; multiply: Kernel };
      return new F32Multiplier(memory.buffer, multiply);
    } catch {
      const memory = new ArrayBuffer(FLOAT_BYTES * MEMORY_FLOATS);
      return new F32Multiplier(memory, loopKernel(new Float32Array(memory)));
    }
  }

  /**
   * Adds left times right to what is there, with a pause after every block: some milliseconds.
   *
   * @param depth terms of each sum
   */
  *addProducts(
    left: LeftFactor,
    right: RightFactor,
    depth: number,
    place: ProductPlace,
  ): Stepwise<void> {
    for (let row = 0; row < left.rows; row += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, left.rows - row);
      for (let term = 0; term < depth; term += BLOCK_DEPTH) {
        const terms = Math.min(BLOCK_DEPTH, depth - term);
        const own = {};
        for (let column = 0; column < right.columns; column += BLOCK_COLUMNS) {
          const columns = Math.min(BLOCK_COLUMNS, right.columns - column);
          if (this.packed !== own) {
            this.packLeft(left, row, rows, term, terms);
            this.packed = own;
          }
          right.pack(this.right, { term, terms, column, columns });
          const block = { row, rows, column, columns };
          copyBlock(this.result, place, block, 'from');
          this.multiplyBlock(rows, columns, terms);
          copyBlock(this.result, place, block, 'to');
          yield;
        }
      }
    }
  }

  /** [panel of TILE_ROWS rows][term][row of the panel] */
  private packLeft(
    { data, first, stride }: LeftFactor,
    row: number,
    rows: number,
    term: number,
    terms: number,
  ): void {
    for (let index = 0; index < rows; index++) {
      const panel = index - (index % TILE_ROWS);
      let from = first + (row + index) * stride + term;
      const end = from + terms;
      for (let to = panel * terms + (index % TILE_ROWS); from < end; from++, to += TILE_ROWS) {
        this.left[to] = data[from]!;
      }
    }
  }

  private multiplyBlock(rows: number, columns: number, terms: number): void {
    for (let row = 0; row < rows; row += TILE_ROWS) {
      for (let column = 0; column < columns; column += TILE_COLUMNS) {
        this.kernel(
          FLOAT_BYTES * (PARTS.left.start + row * terms),
          FLOAT_BYTES * (PARTS.right.start + column * terms),
          FLOAT_BYTES * (PARTS.result.start + row * BLOCK_COLUMNS + column),
          terms,
          FLOAT_BYTES * BLOCK_COLUMNS,
        );
      }
    }
  }
}

interface Part {
  readonly start: number;
  readonly floats: number;
}

/** Where the panels and a block of results lie in memory, in floats. */
const PARTS = {
  left: { start: 0, floats: BLOCK_ROWS * BLOCK_DEPTH },
  right: { start: BLOCK_ROWS * BLOCK_DEPTH, floats: BLOCK_COLUMNS * BLOCK_DEPTH },
  result: {
    start: (BLOCK_ROWS + BLOCK_COLUMNS) * BLOCK_DEPTH,
    floats: BLOCK_ROWS * BLOCK_COLUMNS,
  },
} as const;
const MEMORY_FLOATS = PARTS.result.start + PARTS.result.floats;

/** Copies a block of results, rows of BLOCK_COLUMNS, from their place or to it, run by run. */
function copyBlock(
  block: Float32Array,
  { data, first, rowStride, run, runStride }: ProductPlace,
  part: {
    readonly row: number;
    readonly rows: number;
    readonly column: number;
    readonly columns: number;
  },
  direction: 'from' | 'to',
): void {
  const end = part.column + part.columns;
  for (let column = part.column; column < end;) {
    const inRun = column % run;
    const columns = Math.min(end - column, run - inRun);
    const start = first + Math.floor(column / run) * runStride + inRun;
    for (let row = 0; row < part.rows; row++) {
      const there = start + (part.row + row) * rowStride;
      const here = row * BLOCK_COLUMNS + column - part.column;
      if (direction === 'from') block.set(data.subarray(there, there + columns), here);
      else data.set(block.subarray(here, here + columns), there);
    }
    column += columns;
  }
}

function emitKernel(): FunctionBody {
  const [left, right, result, terms, rowBytes] = [0, 1, 2, 3, 4] as const;
  const body = new FunctionBody([Type.i32, Type.i32, Type.i32, Type.i32, Type.i32]);
  const vectors = TILE_COLUMNS / VECTOR_FLOATS;
  const vectorBytes = FLOAT_BYTES * VECTOR_FLOATS;
  const numbers = Array.from({ length: vectors }, () => body.local(Type.v128));
  const sums = Array.from({ length: TILE_ROWS }, () =>
    Array.from({ length: vectors }, () => body.local(Type.v128)),
  );
  const factor = body.local(Type.v128);
  const end = body.local(Type.i32);
  const row = body.local(Type.i32);
  const eachSum = (visit: (sum: number, offset: number) => void): void => {
    body.get(result).set(row);
    for (const own of sums) {
      own.forEach((sum, vector) => {
        visit(sum, vectorBytes * vector);
      });
      body.get(row).get(rowBytes).addI32().set(row);
    }
  };
  eachSum((sum, offset) => body.get(row).loadVector(offset).set(sum));
  body
    .get(terms)
    .i32(FLOAT_BYTES * TILE_ROWS)
    .multiplyI32();
  body.get(left).addI32().set(end);
  body.whileTrue(
    () => body.get(left).get(end).lessU32(),
    () => {
      numbers.forEach((number, vector) =>
        body
          .get(right)
          .loadVector(vectorBytes * vector)
          .set(number),
      );
      sums.forEach((own, index) => {
        body
          .get(left)
          .loadSplatF32(FLOAT_BYTES * index)
          .set(factor);
        own.forEach((sum, vector) =>
          body
            .get(sum)
            .get(factor)
            .get(numbers[vector]!)
            .multiplyF32Vector()
            .addF32Vector()
            .set(sum),
        );
      });
      body
        .get(right)
        .i32(FLOAT_BYTES * TILE_COLUMNS)
        .addI32()
        .set(right);
      body
        .get(left)
        .i32(FLOAT_BYTES * TILE_ROWS)
        .addI32()
        .set(left);
    },
  );
  eachSum((sum, offset) => body.get(row).get(sum).storeVector(offset));
  return body.f64(0);
}

/** The same as a loop, rounded to f32 at the end of a panel. */
function loopKernel(memory: Float32Array): Kernel {
  return (left, right, result, terms, rowBytes) => {
    for (let row = 0; row < TILE_ROWS; row++) {
      for (let column = 0; column < TILE_COLUMNS; column++) {
        const place = (result + row * rowBytes) / FLOAT_BYTES + column;
        let a = left / FLOAT_BYTES + row;
        let b = right / FLOAT_BYTES + column;
        let sum = memory[place]!;
        for (let term = 0; term < terms; term++, a += TILE_ROWS, b += TILE_COLUMNS) {
          sum += memory[a]! * memory[b]!;
        }
        memory[place] = sum;
      }
    }
    return 0;
  };
}
