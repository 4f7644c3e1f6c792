/**
 * How a convolution becomes sliding sums over flattened planes.
 *
 * The kernels (shaders/lib/convolution-tile.wgsl) know one thing: a result cell n is a sum over
 * segments of weight times source[segment + n + tap], taps side by side. Everything else is laid
 * out here, once per plan:
 *
 * - Images are copied to planes whose rows begin at whole quads and are wide enough (`pitch`) that
 *   a window which runs over the end of a row meets cells that no result needs. A result row and the
 *   rest of its source row are then one run of cells, whatever the width.
 * - Padding is zeros in that copy, so the inner loop has no bounds to check.
 * - Stride s: every s-th row and column go to a plane of their own (s * s planes per channel), and
 *   the convolution has stride 1 over those.
 * - Dilation: weights of zero between the taps of a row; rows between are left out.
 * - The input gradient is the same sum over planes of the output gradient with zeros around, with
 *   the taps reversed; its cells fall into stride * stride classes, each with its own taps.
 * - Where an image already is such a plane (stride 1, no padding, width a multiple of 4) it is read
 *   in place.
 */
import type { Conv2dLayer } from '../../layer.js';
import { alignTo } from '../../parameters.js';
import { slideWindow2, type Shape, type WindowAxis } from '../../shape.js';

/** Floats of a quad, rows of a tile, cells of a tile: as in the shader. */
export const QUAD = 4;
export const TILE_ROWS = 8;
export const TILE_CELLS = 8;
/** Taps that one segment can have; longer rows are cut into segments of one quad of taps. */
const MOST_TAPS = 5;
const TAPS_OF_CUT_ROW = 4;

/** One direction of a convolution. */
interface Axis {
  readonly input: number;
  readonly output: number;
  /** Cells of padding in front. */
  readonly before: number;
  readonly stride: number;
  readonly dilation: number;
  /** Cells from the first to the last tap, both counted. */
  readonly span: number;
  /** Planes that the taps touch. */
  readonly residues: number;
  /** How far the last tap lies from the first, in plane cells. */
  readonly reach: number;
  /** The last plane cell that holds a cell of the input. */
  readonly last: number;
}

/** The sizes that all kernels of one convolution share. */
export interface ConvolutionGeometry {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly groups: number;
  readonly channelsPerGroup: number;
  readonly filtersPerGroup: number;
  /** Kernel cells of one channel, and columns of the kernel. */
  readonly kernel: readonly [height: number, width: number];
  /** Taps of a segment, segments of a kernel row. */
  readonly taps: number;
  readonly cuts: number;
  /** Floats from row to row in all planes. */
  readonly pitch: number;
  /** Rows and floats of a plane of the input. */
  readonly sourceRows: number;
  readonly sourcePlane: number;
  /** Whether the input is its own planes. */
  readonly sourceInPlace: boolean;
  /** The planes of the output gradient: zeros in front, rows of zeros above, rows, floats. */
  readonly gradientFront: number;
  readonly gradientRows: number;
  readonly gradientPlane: number;
}

/** A weight [filter][channel of the group][row][column], or none. */
export type WeightOf = (
  group: number,
  row: number,
  segment: number,
  tap: number,
) => { readonly filter: number; readonly column: number } | null;

/** One dispatch of sliding sums: which cells it makes and from what. */
export interface SlidingSum {
  /** Rows (filters, or channels for the input gradient) of a group. */
  readonly rowsPerGroup: number;
  /** Quads from the tile's first cell, by segment. */
  readonly segments: readonly number[];
  readonly weightOf: WeightOf;
  /** Tiles of a sample, tiles of a run, cells from run to run. */
  readonly tiles: number;
  readonly tilesPerRun: number;
  readonly runStride: number;
  /** Place of the first tile's first cell in the plane, plus one row so that it is not negative. */
  readonly first: number;
  /** A plane's row i is row scale i + shift of the result, i counted from `first`'s extra row. */
  readonly rowScale: number;
  readonly rowShift: number;
  readonly columnScale: number;
  readonly columnShift: number;
}

function axisOf(layer: Conv2dLayer, axis: 0 | 1, input: number, window: WindowAxis): Axis {
  const stride = layer.stride[axis];
  const dilation = layer.dilation[axis];
  const span = (layer.kernel[axis] - 1) * dilation + 1;
  return {
    input,
    output: window.output,
    before: window.before,
    stride,
    dilation,
    span,
    residues: Math.min(stride, span),
    reach: Math.floor((span - 1) / stride),
    last: Math.floor((window.before + input - 1) / stride),
  };
}

/** @param image [height, width, channels] of the input, which the layer fits */
export function convolutionGeometry(layer: Conv2dLayer, image: Shape): ConvolutionGeometry {
  const windows = slideWindow2(layer, image);
  const rows = axisOf(layer, 0, image[0]!, windows[0]);
  const columns = axisOf(layer, 1, image[1]!, windows[1]);
  const tapsOfRow = columns.reach + 1;
  const taps = tapsOfRow <= MOST_TAPS ? tapsOfRow : TAPS_OF_CUT_ROW;
  const width = Math.max(columns.output + columns.reach, columns.last + 1);
  const pitch = alignTo(width, QUAD);
  const sourceRows = rows.output + rows.reach;
  // A tile begins at most a quad before the first cell it is for, and its first tap `reach` before that.
  const gradientFront = alignTo(columns.reach + QUAD, QUAD);
  const gradientRows = rows.reach + Math.max(rows.output, rows.last + 1);
  return {
    rows,
    columns,
    groups: layer.groups,
    channelsPerGroup: image[2]! / layer.groups,
    filtersPerGroup: layer.filters / layer.groups,
    kernel: layer.kernel,
    taps,
    cuts: Math.ceil(tapsOfRow / taps),
    pitch,
    sourceRows,
    sourcePlane: sourceRows * pitch,
    sourceInPlace:
      layer.stride.every((stride) => stride === 1) &&
      taps === tapsOfRow &&
      pitch === columns.input &&
      columns.output + columns.reach === columns.input &&
      sourceRows === rows.input,
    gradientFront,
    gradientRows,
    gradientPlane: gradientFront + gradientRows * pitch,
  };
}

/** Plane cells `from` to `to` of an axis. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts the wanted cells into tiles: row by row, or all rows in one run with the cells between them,
 * whichever takes fewer tiles.
 *
 * @param alignment tiles begin at places that are this number modulo a quad
 */
function tilesOf(
  pitch: number,
  rows: Range,
  columns: Range,
  alignment: number,
): Pick<SlidingSum, 'tiles' | 'tilesPerRun' | 'runStride' | 'first'> & { readonly origin: number } {
  const alignDown = (place: number): number =>
    Math.floor((place - alignment) / QUAD) * QUAD + alignment;
  const height = rows.to - rows.from + 1;

  const origin = alignDown(rows.from * pitch + columns.from);
  const tiles = Math.ceil((rows.to * pitch + columns.to - origin + 1) / TILE_CELLS);
  const whole = { tiles, tilesPerRun: tiles, runStride: 0, first: origin + pitch, origin };

  const start = alignDown(columns.from);
  const tilesPerRun = Math.ceil((columns.to - start + 1) / TILE_CELLS);
  // Cells that a run has too many must not be wanted cells of its neighbours: two would write them.
  const apart =
    (start >= 0 || pitch + start > columns.to) &&
    start + tilesPerRun * TILE_CELLS - 1 < pitch + columns.from;
  if (!apart || height * tilesPerRun >= tiles) return whole;
  const rowOrigin = rows.from * pitch + start;
  return {
    tiles: height * tilesPerRun,
    tilesPerRun,
    runStride: pitch,
    first: rowOrigin + pitch,
    origin: rowOrigin,
  };
}

/** A row of taps of one residue: where it lies, and which kernel column each tap is. */
interface TapRow {
  /** Rows from the first, in plane rows, and the row of the kernel. */
  readonly offset: number;
  readonly kernelRow: number;
}

/** The kernel rows of one residue of the row axis. */
function tapRows(axis: Axis, residue: number): TapRow[] {
  const found: TapRow[] = [];
  for (let offset = 0; residue + offset * axis.stride < axis.span; offset++) {
    const place = residue + offset * axis.stride;
    if (place % axis.dilation === 0) found.push({ offset, kernelRow: place / axis.dilation });
  }
  return found;
}

/** The kernel column of tap `offset` of one residue of the column axis, or null. */
function kernelColumn(axis: Axis, residue: number, offset: number): number | null {
  const place = residue + offset * axis.stride;
  const exists = offset >= 0 && place < axis.span && place % axis.dilation === 0;
  return exists ? place / axis.dilation : null;
}

/** The taps of one segment: a kernel column each, or none. */
interface Segment {
  /** Channel or filter of the group that the segment reads. */
  readonly image: number;
  readonly kernelRow: number;
  readonly kernelColumns: readonly (number | null)[];
}

/** The sliding sum that makes the output from the planes of the input. */
export function forwardSum(geometry: ConvolutionGeometry): SlidingSum {
  const { rows, columns, pitch, taps, cuts, sourcePlane, channelsPerGroup } = geometry;
  const list: Segment[] = [];
  const offsets: number[] = [];
  for (let channel = 0; channel < channelsPerGroup; channel++) {
    for (let residueY = 0; residueY < rows.residues; residueY++) {
      for (const { offset, kernelRow } of tapRows(rows, residueY)) {
        for (let residueX = 0; residueX < columns.residues; residueX++) {
          const plane = (channel * rows.residues + residueY) * columns.residues + residueX;
          for (let cut = 0; cut < cuts; cut++) {
            const kernelColumns = Array.from({ length: taps }, (_, tap) =>
              kernelColumn(columns, residueX, cut * taps + tap),
            );
            if (kernelColumns.every((column) => column === null)) continue;
            list.push({ image: channel, kernelRow, kernelColumns });
            offsets.push((plane * sourcePlane + offset * pitch + cut * taps) / QUAD);
          }
        }
      }
    }
  }
  const [kernelHeight, kernelWidth] = geometry.kernel;
  return {
    ...tilesOf(pitch, { from: 0, to: rows.output - 1 }, { from: 0, to: columns.output - 1 }, 0),
    rowsPerGroup: geometry.filtersPerGroup,
    segments: offsets,
    weightOf: (group, row, segment, tap) => {
      const { image, kernelRow, kernelColumns } = list[segment]!;
      const column = kernelColumns[tap]!;
      if (column === null) return null;
      return {
        filter: group * geometry.filtersPerGroup + row,
        column: (image * kernelHeight + kernelRow) * kernelWidth + column,
      };
    },
    rowScale: 1,
    rowShift: -1,
    columnScale: 1,
    columnShift: 0,
  };
}

/**
 * The sliding sums that make the input's gradient from the planes of the output's gradient: one for
 * each remainder of a padded row and column by the stride that has cells in the input.
 */
export function inputGradientSums(geometry: ConvolutionGeometry): SlidingSum[] {
  const { rows, columns } = geometry;
  const sums: SlidingSum[] = [];
  for (let residueY = 0; residueY < rows.stride; residueY++) {
    for (let residueX = 0; residueX < columns.stride; residueX++) {
      const cellsY = cellsOf(rows, residueY);
      const cellsX = cellsOf(columns, residueX);
      if (cellsY.to < cellsY.from || cellsX.to < cellsX.from) continue;
      sums.push(inputGradientSum(geometry, residueY, residueX, cellsY, cellsX));
    }
  }
  return sums;
}

/** The plane cells of one residue that lie in the input and not in its padding. */
function cellsOf(axis: Axis, residue: number): Range {
  return {
    from: Math.ceil(Math.max(0, axis.before - residue) / axis.stride),
    to: Math.floor((axis.before + axis.input - 1 - residue) / axis.stride),
  };
}

function inputGradientSum(
  geometry: ConvolutionGeometry,
  residueY: number,
  residueX: number,
  cellsY: Range,
  cellsX: Range,
): SlidingSum {
  const { rows, columns, pitch, taps, filtersPerGroup, gradientPlane, gradientFront } = geometry;
  const lastTap = Math.floor((columns.span - 1 - residueX) / columns.stride);
  // Tap 0 of a segment is the last of the row: the gradient slides the other way.
  const tiling = tilesOf(pitch, cellsY, cellsX, Math.max(0, lastTap) % QUAD);
  const list: Segment[] = [];
  const offsets: number[] = [];
  for (let filter = 0; filter < filtersPerGroup; filter++) {
    for (const { offset, kernelRow } of tapRows(rows, residueY)) {
      for (let cut = 0; cut * taps <= lastTap; cut++) {
        const kernelColumns = Array.from({ length: taps }, (_, tap) =>
          kernelColumn(columns, residueX, lastTap - cut * taps - tap),
        );
        if (kernelColumns.every((column) => column === null)) continue;
        list.push({ image: filter, kernelRow, kernelColumns });
        const row = gradientFront + (rows.reach - offset) * pitch;
        const cell = tiling.origin - lastTap + cut * taps;
        offsets.push((filter * gradientPlane + row + cell) / QUAD);
      }
    }
  }
  const [kernelHeight, kernelWidth] = geometry.kernel;
  return {
    ...tiling,
    rowsPerGroup: geometry.channelsPerGroup,
    segments: offsets,
    weightOf: (group, row, segment, tap) => {
      const { image, kernelRow, kernelColumns } = list[segment]!;
      const column = kernelColumns[tap]!;
      if (column === null) return null;
      return {
        filter: group * filtersPerGroup + image,
        column: (row * kernelHeight + kernelRow) * kernelWidth + column,
      };
    },
    rowScale: rows.stride,
    rowShift: residueY - rows.before - rows.stride,
    columnScale: columns.stride,
    columnShift: residueX - columns.before,
  };
}

/** No weight: a tap between dilated ones. As in the shaders. */
const NOWHERE = 0xffffffff;

/**
 * Where in a replica's block each packed weight lies: [group][row tile][segment][tap][row of the
 * tile].
 *
 * @param fill rows that fill up a tile are the last one again, or nowhere
 * @param offset float of the block at which the weights begin
 * @param rowStride floats from filter to filter
 */
export function packedPlaces(
  geometry: ConvolutionGeometry,
  sum: SlidingSum,
  offset: number,
  rowStride: number,
  fill: 'last' | 'nowhere',
): Uint32Array<ArrayBuffer> {
  const rowTiles = Math.ceil(sum.rowsPerGroup / TILE_ROWS);
  const { groups, taps } = geometry;
  const places = new Uint32Array(groups * rowTiles * sum.segments.length * taps * TILE_ROWS);
  let index = 0;
  for (let group = 0; group < groups; group++) {
    for (let tile = 0; tile < rowTiles; tile++) {
      for (let segment = 0; segment < sum.segments.length; segment++) {
        for (let tap = 0; tap < taps; tap++) {
          for (let inTile = 0; inTile < TILE_ROWS; inTile++) {
            const row = tile * TILE_ROWS + inTile;
            const last = sum.rowsPerGroup - 1;
            const exists = row <= last || fill === 'last';
            const weight = exists ? sum.weightOf(group, Math.min(row, last), segment, tap) : null;
            places[index++] = weight ? offset + weight.filter * rowStride + weight.column : NOWHERE;
          }
        }
      }
    }
  }
  return places;
}

/** Where each bias lies: [group][row tile][row of the tile]. */
export function biasPlaces(geometry: ConvolutionGeometry, offset: number | null): Uint32Array {
  const { groups, filtersPerGroup } = geometry;
  const rowsOfTiles = alignTo(filtersPerGroup, TILE_ROWS);
  return Uint32Array.from({ length: groups * rowsOfTiles }, (_, index) => {
    const row = index % rowsOfTiles;
    if (offset === null || row >= filtersPerGroup) return NOWHERE;
    return offset + Math.floor(index / rowsOfTiles) * filtersPerGroup + row;
  });
}
