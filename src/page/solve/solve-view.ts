/** The part "Solve": a system, its start system, its paths on their way, its solutions. */
import {
  formatSolutionsCsv,
  type PathPositions,
  solve,
  type Solution,
  type SolveProgress,
  type SolveResult,
  type StartKind,
} from '../../homotopy/index.js';
import { parseSystem } from '../../polynomial/index.js';
import { count, countOf, duration, element, showFacts, showWarnings } from '../shell/dom.js';
import { acceptFiles, download, downloadJson, readTextFile } from '../shell/files.js';
import { JOB_CONTROLS, View } from '../shell/view.js';
import { readWholeNumber } from '../shell/numbers.js';
import { EXAMPLES } from './examples.js';
import { PlaneElement, type PlanePoint } from './plane.js';
import { SolutionsTable } from './solutions-table.js';
import { StartPreview, type Start } from './start-preview.js';

/** More would fill the memory of a page; the command line takes ten million. */
const MOST_PATHS = 200_000;
/** After the last key. */
const TYPING_MS = 300;

const STAGES: Readonly<Record<SolveProgress['stage'], string>> = {
  compiling: 'Compiling',
  starting: 'Following paths to a general system',
  tracking: 'Following paths',
  auditing: 'Deciding doubtful ends',
  refining: 'Refining solutions',
  counting: 'Counting exactly',
};

const KINDS: Readonly<Record<Start['kind'], string>> = {
  lps: 'linear product',
  multihomogeneous: 'multihomogeneous',
  'total-degree': 'total degree',
};

export class SolveView extends View {
  protected override readonly jobName = 'Solve';
  protected override readonly action = 'Solve';
  readonly #preview = new StartPreview();
  #plane!: PlaneElement;
  #table!: SolutionsTable;
  #result: SolveResult | null = null;
  #typing: ReturnType<typeof setTimeout> | undefined;

  protected override template(): string {
    return `
      <form class="controls" novalidate>
        <h2>Solve a polynomial system</h2>
        <p class="lead">All isolated solutions, by following every path from a start system that is solved already.</p>
        <label>Example
          <select data-piece="example"></select>
        </label>
        <label>Equations, one a line
          <textarea data-piece="system" rows="8" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="system-hint"></textarea>
        </label>
        <p class="hint" id="system-hint">As in <code>x^2 + 3/4*x*y - 1</code>, at least as many equations as unknowns; or drop a file here. <label class="link">Open a file<input type="file" class="unseen" data-piece="file" accept=".txt,.json,text/plain,application/json" /></label></p>
        <div class="pair">
          <label>Start system
            <select data-piece="start">
              <option value="auto">fewest paths</option>
              <option value="lps">linear product</option>
              <option value="multihomogeneous">multihomogeneous</option>
              <option value="total-degree">total degree</option>
            </select>
          </label>
          <label>Seed
            <input data-piece="seed" inputmode="numeric" value="1" />
          </label>
        </div>
        <label class="check"><input type="checkbox" data-piece="watch" /> Watch the paths, on the GPU and slowed down</label>
        ${JOB_CONTROLS}
        <section aria-label="Start system" aria-live="polite">
          <h3>Product structure</h3>
          <p data-piece="paths"></p>
          <pre data-piece="structure" tabindex="0" role="region" aria-label="Factors of each equation"></pre>
        </section>
      </form>
      <div class="results">
        <figure class="plane">
          <lps-plane data-piece="plane"></lps-plane>
          <figcaption>
            <label>Unknown <select data-piece="unknown"></select></label>
            <span class="key"><i class="real"></i>real <i class="complex"></i>complex <i class="singular"></i>multiple</span>
            <span class="buttons">
              <button type="button" data-piece="closer" aria-label="Zoom in">+</button>
              <button type="button" data-piece="farther" aria-label="Zoom out">−</button>
              <button type="button" data-piece="fit">Fit</button>
            </span>
          </figcaption>
        </figure>
        <section data-piece="solutions" aria-label="Solutions" hidden>
          <dl class="facts" data-piece="facts"></dl>
          <ul class="warnings" data-piece="warnings"></ul>
          <div class="toolbar">
            <label class="check"><input type="checkbox" data-piece="real" /> Real ones only</label>
            <span class="buttons">
              <button type="button" data-piece="json">Download JSON</button>
              <button type="button" data-piece="csv">Download CSV</button>
            </span>
          </div>
          <div class="scroll" tabindex="0" role="region" aria-label="Table of solutions"><table data-piece="table"></table></div>
          <button type="button" data-piece="more" hidden></button>
        </section>
      </div>`;
  }

  protected override ready(): void {
    this.#plane = this.piece('plane', PlaneElement);
    this.#table = new SolutionsTable(
      this.piece('table', HTMLTableElement),
      this.piece('more', HTMLButtonElement),
    );
    const example = this.piece('example', HTMLSelectElement);
    example.append(
      ...Object.entries(EXAMPLES).map(([name, { title }]) => new Option(title, name)),
      new Option('Your own', ''),
    );
    const system = this.piece('system', HTMLTextAreaElement);
    example.addEventListener('change', () => {
      system.value = EXAMPLES[example.value]?.text ?? '';
      if (example.value === '') system.focus();
      else this.#describeStart();
    });
    system.addEventListener('input', () => {
      example.value = '';
      this.#describeSoon();
    });
    this.piece('start', HTMLSelectElement).addEventListener('change', () => this.#describeStart());
    acceptFiles(this.piece('file', HTMLInputElement), system, (file) => void this.#load(file));
    this.#listenToResults();
    system.value = EXAMPLES.circle!.text;
    // On a processor the GPU stage costs seconds of compiling. Without a GPU the masthead says so.
    void this.session.gpu().then(
      ({ info }) => (this.piece('watch', HTMLInputElement).checked = !info.software),
      () => undefined,
    );
    this.#describeStart();
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const text = this.piece('system', HTMLTextAreaElement).value;
    // Those of another system are none of this one.
    this.piece('solutions', HTMLElement).hidden = true;
    this.#result = null;
    this.#plane.clear('Complex plane');
    const seed = readWholeNumber('Seed', this.piece('seed', HTMLInputElement).value);
    this.say('Searching a start system …');
    const [gpu, start] = await Promise.all([this.session.gpu(), this.#askStart()]);
    signal.throwIfAborted();
    const system = parseSystem(text);
    this.#offerUnknowns(start);
    this.#plane.clear(`Complex plane: ${start.paths} paths on their way`);
    this.#plane.unknown = this.#unknown;
    const result = await solve(gpu, system, {
      // The search is done already; equal sets for every factor are a start of their own.
      ...(start.kind === 'total-degree'
        ? { start: 'total-degree' as const }
        : { structure: start.sets }),
      seed,
      maxPaths: MOST_PATHS,
      certify: true,
      ...(this.piece('watch', HTMLInputElement).checked && {
        precision: 'gpu' as const,
        onPaths: (positions: PathPositions) => {
          this.say(`Following ${count(positions.paths)} paths on the GPU, slowed down`);
          return this.#plane.follow(gpu, positions);
        },
      }),
      signal,
      onProgress: (progress) => this.#showProgress(progress),
    });
    this.#show(result);
  }

  #askStart(): Promise<Start> {
    return this.#preview.ask({
      text: this.piece('system', HTMLTextAreaElement).value,
      start: this.piece('start', HTMLSelectElement).value as StartKind,
      maxPaths: MOST_PATHS,
    });
  }

  #describeSoon(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#describeStart(), TYPING_MS);
  }

  /** Fills the panel "Product structure". */
  #describeStart(): void {
    clearTimeout(this.#typing);
    const paths = this.piece('paths', HTMLElement);
    const structure = this.piece('structure', HTMLElement);
    paths.textContent = 'Searching …';
    structure.textContent = '';
    this.complain(null);
    this.#askStart().then(
      (start) => {
        paths.textContent = `${countOf(start.paths, 'path')}, ${KINDS[start.kind]}; degrees ${start.degrees.join(', ')}`;
        structure.replaceChildren(
          ...start.structure.map((line, k, { length }) =>
            // At the end of a block a new line shows nothing; a copied text has it.
            element('span', k + 1 < length ? `${line}\n` : line),
          ),
        );
      },
      (error: unknown) => {
        paths.textContent = '–';
        this.complain(error);
      },
    );
  }

  async #load(file: File): Promise<void> {
    try {
      const text = await readTextFile(
        file,
        'a text file with equations, JSON, or PHCpack’s format',
      );
      this.piece('system', HTMLTextAreaElement).value = text;
      this.piece('example', HTMLSelectElement).value = '';
      this.#describeStart();
    } catch (error) {
      this.complain(error);
    }
  }

  #listenToResults(): void {
    const unknown = this.piece('unknown', HTMLSelectElement);
    unknown.addEventListener('change', () => {
      this.#plane.unknown = this.#unknown;
      this.#settle();
    });
    this.piece('closer', HTMLButtonElement).addEventListener('click', () => this.#plane.zoom(1.5));
    this.piece('farther', HTMLButtonElement).addEventListener('click', () =>
      this.#plane.zoom(1 / 1.5),
    );
    this.piece('fit', HTMLButtonElement).addEventListener('click', () => this.#plane.fit());
    const real = this.piece('real', HTMLInputElement);
    real.addEventListener('change', () => {
      if (this.#result) this.#table.show(this.#result, real.checked);
    });
    this.piece('json', HTMLButtonElement).addEventListener('click', () =>
      downloadJson('solutions.json', this.#result),
    );
    this.piece('csv', HTMLButtonElement).addEventListener('click', () => {
      if (this.#result) download('solutions.csv', 'text/csv', formatSolutionsCsv(this.#result));
    });
  }

  #offerUnknowns({ variables }: Start): void {
    const unknown = this.piece('unknown', HTMLSelectElement);
    if (Array.from(unknown.options, ({ text }) => text).join() === variables.join()) return;
    unknown.replaceChildren(...variables.map((name, index) => new Option(name, String(index))));
  }

  #showProgress({ stage, done, total, pathsPerSecond, secondsLeft }: SolveProgress): void {
    this.progress(stage === 'compiling' ? Infinity : done / total);
    const of = `${count(done)} of ${count(total)} paths`;
    const rate =
      stage === 'tracking' && done > 0 && Number.isFinite(secondsLeft)
        ? `, ${count(Math.round(pathsPerSecond))} a second, ${Math.ceil(secondsLeft)} s left`
        : '';
    this.say(stage === 'compiling' ? 'Compiling …' : `${STAGES[stage]}: ${of}${rate}`);
  }

  #show(result: SolveResult): void {
    this.#result = result;
    const { paths, counts, timing, partial, warnings } = result;
    this.piece('solutions', HTMLElement).hidden = false;
    showFacts(this.piece('facts', HTMLElement), [
      ['Solutions', `${count(counts.distinct)} (${count(counts.real)} real)`],
      ['Certified', String(result.solutions.filter(({ certified }) => certified).length)],
      ['Exact count', describeCount(result)],
      [
        'Paths',
        `${count(paths.tracked)}: ${paths.regular} regular, ${paths.singular} singular, ${paths.atInfinity} to infinity, ${paths.failed} failed`,
      ],
      ['Time', `${duration(timing.totalMs)}, ${duration(timing.compileMs)} of it compiling`],
    ]);
    showWarnings(this.piece('warnings', HTMLElement), warnings);
    this.#table.show(result, this.piece('real', HTMLInputElement).checked);
    this.#settle();
    const stopped = partial ? 'Stopped; so far ' : '';
    this.say(
      `${stopped}${countOf(counts.distinct, 'solution')}, ${count(counts.real)} real, in ${duration(timing.totalMs)}`,
      true,
    );
  }

  /** Index of the one whose plane is shown. */
  get #unknown(): number {
    return Math.max(0, this.piece('unknown', HTMLSelectElement).selectedIndex);
  }

  /** All ends in the plane of the chosen unknown. */
  #settle(): void {
    if (!this.#result) return;
    const index = this.#unknown;
    const { solutions, system } = this.#result;
    this.#plane.settle(
      solutions.map((solution) => planePoint(solution, index)),
      `Complex plane: ${solutions.length} values of ${system.variables[index] ?? 'the unknown'}`,
    );
  }
}

customElements.define('lps-solve', SolveView);

function planePoint({ coordinates, real, singular }: Solution, index: number): PlanePoint {
  const [re, im] = coordinates[index]!;
  return { re, im, kind: singular ? 'singular' : real ? 'real' : 'complex' };
}

function describeCount({ exactCount, counts }: SolveResult): string {
  const { status, count: exact, distinct, nonsingular } = exactCount;
  switch (status) {
    case 'equal':
      return `the same: ${count((distinct ?? exact)!)}, so none is missing`;
    case 'different':
      return `DIFFERS: ${count((distinct ?? exact)!)}`;
    case 'positive-dimensional':
      return nonsingular === null
        ? 'infinitely many solutions beside the isolated ones'
        : `${nonsingular === counts.nonsingular ? 'the same' : 'DIFFERS'}: ${count(nonsingular)} nonsingular ones, beside infinitely many others`;
    case 'not compared':
    case 'no suitable prime':
    case 'out of memory':
    case 'out of time':
      return status;
  }
}
