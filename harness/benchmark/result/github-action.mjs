/** For benchmark-action/github-action-benchmark, tool "customSmallerIsBetter". */
import { oursOf, rowsOf } from './document.mjs';

/** @returns {{ name: string, unit: string, value: number, range?: string, extra?: string }[]} */
export function githubAction(document) {
  return rowsOf(document).flatMap((row) => {
    if (row.kind === 'number')
      return row.correct && row.better === 'smaller'
        ? [{ name: row.id, unit: row.unit, value: row.value, extra: row.title }]
        : [];
    const ours = oursOf(row);
    if (ours?.status !== 'measured') return [];
    // On a software adapter the wall clock mostly tells of the neighbours.
    const clock = document.runtime.adapter.software && ours.cpuMs ? 'cpuMs' : 'wallMs';
    const { median, min, max } = ours[clock];
    return [
      {
        name: row.id,
        unit: clock === 'cpuMs' ? 'CPU ms' : 'ms',
        value: median,
        range: `${min} - ${max}`,
        extra: row.title,
      },
    ];
  });
}
