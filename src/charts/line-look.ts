/** What tells the series of a chart apart. */

/** Colour-blind safe (Okabe and Ito 2008), strongest first. */
export const CHART_COLOURS = ['#E69F00', '#0072B2', '#009E73', '#CC79A7', '#D55E00', '#56B4E9'];

/** Lengths of dashes and gaps in pixels. */
const DASHES = ['solid', [8, 4], [2, 3], [10, 3, 2, 3]] as const;

/** A line's colour and dashes. */
export interface LineLook {
  readonly color: string;
  readonly type: 'solid' | number[];
}

/** Of the series at a place of a line chart: all colours, then the same ones dashed in three ways; 24 looks. */
export function lineLook(place: number): LineLook {
  const dashes = DASHES[Math.floor(place / CHART_COLOURS.length) % DASHES.length]!;
  return {
    color: CHART_COLOURS[place % CHART_COLOURS.length]!,
    type: dashes === 'solid' ? dashes : [...dashes],
  };
}
