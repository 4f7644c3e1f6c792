/**
 * The matrix kernels there are, and which of them suits a product when no measurement is at hand.
 *
 * A kernel is one tile: how many results an invocation (register family) or a workgroup (workgroup
 * family) computes at once. A larger tile loads less for each result, and wastes more at the edges
 * and leaves fewer workgroups to share out.
 */
import type { Shader } from '../../gpu/shader.js';
import { networkMatmulRegister } from '../../generated/shaders/network/matmul-register.js';
import { networkMatmulRegisterLarge } from '../../generated/shaders/network/matmul-register-large.js';
import { networkMatmulRegisterSmall } from '../../generated/shaders/network/matmul-register-small.js';
import { networkMatmulWorkgroup } from '../../generated/shaders/network/matmul-workgroup.js';

/** The entry points: Y = act(X W^T + b), dX = (dY W) slope, dW = dY^T X with db. */
export type MatmulForm = 'forward' | 'input_gradient' | 'weight_gradient';

export type MatmulTile = 'register-4x4' | 'register-8x8' | 'register-16x16' | 'workgroup-64x64';

/** Results are rows x columns, each a sum of `depth` terms, for every replica. */
export interface MatmulSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly replicas: number;
}

/** What the host knows of a tile. */
export interface TileKernel {
  readonly shader: Shader;
  /** Rows and columns of results that one invocation, or one workgroup, computes. */
  readonly side: number;
  readonly family: 'register' | 'workgroup';
}

export const TILE_KERNELS: Readonly<Record<MatmulTile, TileKernel>> = {
  'register-4x4': {
    shader: networkMatmulRegisterSmall,
    side: 4,
    family: 'register',
  },
  'register-8x8': { shader: networkMatmulRegister, side: 8, family: 'register' },
  'register-16x16': {
    shader: networkMatmulRegisterLarge,
    side: 16,
    family: 'register',
  },
  'workgroup-64x64': {
    shader: networkMatmulWorkgroup,
    side: 64,
    family: 'workgroup',
  },
};

export const MATMUL_TILES = Object.keys(TILE_KERNELS) as readonly MatmulTile[];

/** Invocations of a workgroup that fill a GPU's SIMD units, and the WGSL's own constant. */
const HARDWARE_GROUP = 64;
/**
 * One vector of SwiftShader, which pays for idle invocations in full: 16 made small products up to a
 * third slower and large ones no faster, on lavapipe too (2026-11-24).
 */
const SOFTWARE_GROUP = 4;

/** How the tiles of a product are laid over workgroups. */
export interface MatmulGrid {
  /** Value of WORKGROUP_SIZE; undefined where the shader's own stays. */
  readonly groupSize: number | undefined;
  /** A workgroup is 2^columnShift tiles side by side. */
  readonly columnShift: number;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

const powerOfTwoFrom = (value: number): number => 2 ** Math.ceil(Math.log2(value));

/** Lays a product's tiles over workgroups, about square unless the result is narrow. */
export function matmulGrid(tile: MatmulTile, size: MatmulSize, software: boolean): MatmulGrid {
  const { side, family } = TILE_KERNELS[tile];
  const across = Math.ceil(size.columns / side);
  const down = Math.ceil(size.rows / side);
  if (family === 'workgroup')
    return { groupSize: undefined, columnShift: 0, workgroups: [across, down, size.replicas] };
  const groupSize = software ? SOFTWARE_GROUP : HARDWARE_GROUP;
  const widest = Math.max(Math.sqrt(groupSize), groupSize / powerOfTwoFrom(down));
  const groupColumns = Math.min(widest, powerOfTwoFrom(across));
  return {
    groupSize,
    columnShift: Math.log2(groupColumns),
    workgroups: [
      Math.ceil(across / groupColumns),
      Math.ceil(down / (groupSize / groupColumns)),
      size.replicas,
    ],
  };
}

/**
 * Cost on SwiftShader, in vector additions (2026-11-23): it loads lane by lane with a bounds check
 * each, so a load costs as much as twenty multiply-adds; those cost nearly twice what they do in a
 * loop of nothing else, because a tile's results lie in memory.
 */
const LOAD_COST = 41;
const MULTIPLY_ADD_COST = 3.6;
const STORE_COST = 60;
/** Threads that a software adapter surely has; more make larger tiles a little too attractive. */
const SOFTWARE_THREADS = 2;
/**
 * Multiply-adds from which 16 x 16 is worth compiling, 0.2 s longer than 8 x 8; larger layers of the
 * same network mostly have it compiled already.
 */
const LARGE_TILE_WORK = 2 ** 17;
/** Below so many 8 x 8 tiles a GPU has idle cores, and four times as many invocations fill them. */
const FEW_TILES = 2048;

/** The tile for a software adapter: the least work by the costs above. No workgroup memory, ever. */
export function softwareTile(size: MatmulSize): MatmulTile {
  const { rows, columns, depth, replicas } = size;
  const cost = (tile: MatmulTile): number => {
    const { side } = TILE_KERNELS[tile];
    const perWorkgroup =
      depth * (2 * side * LOAD_COST + side * side * MULTIPLY_ADD_COST) + side * side * STORE_COST;
    const [x, y, z] = matmulGrid(tile, size, true).workgroups;
    return perWorkgroup * Math.ceil((x * y * z) / SOFTWARE_THREADS);
  };
  const tiles: MatmulTile[] = ['register-4x4', 'register-8x8'];
  if (rows * columns * depth * replicas >= LARGE_TILE_WORK) tiles.push('register-16x16');
  return tiles.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

/** What is worth timing on a GPU, the best guess first; one entry where the answer is plain. */
export function hardwareTiles(size: MatmulSize): readonly MatmulTile[] {
  const { rows, columns, replicas } = size;
  const narrow = Math.min(rows, columns) <= TILE_KERNELS['register-4x4'].side;
  if (narrow) return ['register-4x4'];
  const side = TILE_KERNELS['register-8x8'].side;
  const tiles = Math.ceil(rows / side) * Math.ceil(columns / side) * replicas;
  if (tiles < FEW_TILES) return ['register-4x4', 'register-8x8'];
  return Math.min(rows, columns) < TILE_KERNELS['workgroup-64x64'].side
    ? ['register-8x8', 'register-4x4']
    : ['register-8x8', 'workgroup-64x64'];
}
