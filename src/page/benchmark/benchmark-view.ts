/** The part "Benchmark": the suites of `lps bench` on this visitor's GPU. */
import { countOf, tableRow } from '../shell/dom.js';
import { downloadJson } from '../shell/files.js';
import { FieldError, readWholeNumber } from '../shell/numbers.js';
import { JOB_CONTROLS, View } from '../shell/view.js';
import { runSuites, SUITES, type Row, type Suite } from './suites.js';

/** Those that say most in little time. */
const CHOSEN: readonly Suite[] = ['matmul', 'train'];
const DIGITS = 4;

interface Result {
  readonly schemaVersion: 1;
  readonly kind: 'lps-page-bench';
  readonly date: string;
  readonly browser: string;
  readonly options: { readonly seed: number; readonly quick: boolean };
  runtime: unknown;
  partial: boolean;
  readonly suites: { readonly name: Suite; readonly rows: Row[] }[];
}

export class BenchmarkView extends View {
  protected override readonly jobName = 'Benchmark';
  protected override readonly action = 'Run the suites';
  #result: Result | null = null;

  protected override template(): string {
    const suites = Object.entries(SUITES)
      .map(
        ([name, title]) =>
          `<label class="check"><input type="checkbox" name="suite" value="${name}"${CHOSEN.includes(name as Suite) ? ' checked' : ''} />${title}</label>`,
      )
      .join('');
    return `
      <form class="controls" novalidate>
        <h2>Benchmark</h2>
        <p class="lead">How fast this library is on your GPU. Every result is compared with the truth before it is timed.</p>
        <fieldset class="list">
          <legend>Suites</legend>
          <div>${suites}</div>
        </fieldset>
        <label class="check"><input type="checkbox" data-piece="quick" checked /> Quick: small sizes, two rounds</label>
        <label>Seed<input data-piece="seed" inputmode="numeric" value="1" /></label>
        ${JOB_CONTROLS}
        <p class="hint">Close other programs first. Beside other libraries, in charts and against a baseline: <code>lps bench</code>.</p>
      </form>
      <div class="results">
        <section data-piece="outcome" aria-label="Results" hidden>
          <div class="toolbar"><h3>Results</h3><button type="button" data-piece="json">Download JSON</button></div>
          <div class="scroll" tabindex="0" role="region" aria-label="Table of results">
            <table><thead><tr>
              <th scope="col" class="text">row</th><th scope="col">median</th><th scope="col">GFLOPS</th><th scope="col" class="text">result</th><th scope="col" class="text">what</th>
            </tr></thead><tbody data-piece="table"></tbody></table>
          </div>
        </section>
        <p class="lead" data-piece="empty">Nothing measured yet.</p>
      </div>`;
  }

  protected override ready(): void {
    this.piece('json', HTMLButtonElement).addEventListener('click', () =>
      downloadJson('benchmark.json', this.#result),
    );
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const boxes = this.querySelectorAll<HTMLInputElement>('input[name=suite]:checked');
    const suites = Array.from(boxes, ({ value }) => value as Suite);
    if (suites.length === 0) throw new FieldError('No suite is chosen: tick at least one.');
    const seed = readWholeNumber('Seed', this.piece('seed', HTMLInputElement).value);
    const quick = this.piece('quick', HTMLInputElement).checked;
    // Without a GPU its error is better than the worker's.
    await this.session.gpu();
    const result: Result = {
      schemaVersion: 1,
      kind: 'lps-page-bench',
      date: new Date().toISOString(),
      browser: navigator.userAgent,
      options: { seed, quick },
      runtime: null,
      partial: true,
      suites: suites.map((name) => ({ name, rows: [] })),
    };
    this.#result = result;
    const table = this.piece('table', HTMLElement);
    table.replaceChildren();
    let rows = 0;
    this.say('Starting …');
    result.runtime = await runSuites({
      suites,
      seed,
      quick,
      signal,
      onNote: (text) => this.say(text),
      onRow: (suite, row) => {
        rows++;
        result.suites.find(({ name }) => name === suite)!.rows.push(row);
        this.piece('outcome', HTMLElement).hidden = false;
        this.piece('empty', HTMLElement).hidden = true;
        table.append(resultRow(row));
      },
    });
    result.partial = signal.aborted;
    this.say(`${signal.aborted ? 'Stopped after' : 'Done:'} ${countOf(rows, 'row')}.`, true);
  }
}

customElements.define('lps-benchmark', BenchmarkView);

function resultRow(row: Row): HTMLTableRowElement {
  const number = (value: number) => String(Number(value.toPrecision(DIGITS)));
  const made = tableRow([row.id, ...measured(row, number), row.title], [0, 3, 4]);
  made.cells[4]!.classList.add('wide');
  return made;
}

/** Median, GFLOPS, whether it was right. */
function measured(row: Row, number: (value: number) => string): [string, string, string] {
  if (row.kind === 'number')
    return [`${number(row.value)} ${row.unit}`, '–', row.correct ? 'right' : 'WRONG'];
  const { wallMs, status, reason } = row.contenders[0]!;
  if (!wallMs) return ['–', '–', `${status.toUpperCase()}: ${reason ?? ''}`];
  const { median } = wallMs;
  const speed = row.operations === undefined ? '–' : number(row.operations / median / 1e6);
  return [`${number(median)} ms`, speed, status === 'measured' ? 'right' : status.toUpperCase()];
}
