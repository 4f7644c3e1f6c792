/** What tells the series of a chart apart. */

/** Colour-blind safe (Okabe and Ito 2008), strongest first. */
export const CHART_COLOURS = ['#E69F00', '#0072B2', '#009E73', '#CC79A7', '#D55E00', '#56B4E9'];

/** Of the series at a place of a line chart: all colours, then the same ones dashed. */
export function lineLook(place: number): { color: string; type: 'solid' | 'dashed' } {
  return {
    color: CHART_COLOURS[place % CHART_COLOURS.length]!,
    type: place < CHART_COLOURS.length ? 'solid' : 'dashed',
  };
}
