/** Solutions as a table that grows on demand. */
import type { Solution, SolveResult } from '../../homotopy/index.js';
import { count, element, tableRow } from '../shell/dom.js';

const ROWS = 100;
const DIGITS = 8;
/** Parts this small beside the other one are not shown; the files have them. */
const NEGLIGIBLE = 1e-10;

/** Fills a <table>; a button below it shows more. */
export class SolutionsTable {
  #shown = 0;
  #solutions: readonly Solution[] = [];

  constructor(
    private readonly table: HTMLTableElement,
    private readonly more: HTMLButtonElement,
  ) {
    more.addEventListener('click', () => this.#grow());
  }

  show({ system, solutions }: SolveResult, realOnly: boolean): void {
    this.#solutions = solutions.filter((solution) => solution.real || !realOnly);
    this.#shown = 0;
    const titles = ['#', 'kind', 'residual', 'condition', 'mult.', ...system.variables];
    const head = element('thead');
    const row = element('tr');
    row.append(
      ...titles.map((title) => {
        const cell = element('th', title);
        cell.scope = 'col';
        if (title === 'kind') cell.className = 'text';
        return cell;
      }),
    );
    head.append(row);
    this.table.replaceChildren(head, element('tbody'));
    this.#grow();
  }

  #grow(): void {
    const next = this.#solutions.slice(this.#shown, this.#shown + ROWS);
    this.table.tBodies[0]!.append(
      ...next.map((solution, k) => tableRow(cells(solution, this.#shown + k), [1])),
    );
    this.#shown += next.length;
    const left = this.#solutions.length - this.#shown;
    this.more.hidden = left === 0;
    this.more.textContent = `Show ${Math.min(left, ROWS)} more of ${count(left)}`;
  }
}

function cells(solution: Solution, index: number): string[] {
  const { coordinates, residual, condition, multiplicity } = solution;
  return [
    String(index + 1),
    kindOf(solution),
    magnitude(residual),
    condition === null ? '–' : magnitude(condition),
    String(multiplicity),
    ...coordinates.map(formatComplex),
  ];
}

function kindOf({ real, singular, certified }: Solution): string {
  return [real ? 'real' : 'complex', singular ? 'singular' : '', certified ? 'certified' : '']
    .filter(Boolean)
    .join(', ');
}

function magnitude(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function formatComplex([re, im]: readonly [number, number]): string {
  const text = (value: number) => String(Number(value.toPrecision(DIGITS))).replace('-', '−');
  if (Math.abs(im) <= NEGLIGIBLE * Math.abs(re)) return text(re);
  if (Math.abs(re) <= NEGLIGIBLE * Math.abs(im)) return `${text(im)} i`;
  return `${text(re)} ${im < 0 ? '−' : '+'} ${text(Math.abs(im))} i`;
}
