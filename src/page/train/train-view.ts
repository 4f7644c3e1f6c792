/** The part "Train": one network from several initializers, side by side in the same dispatches. */
import type { DataParts, Dataset } from '../../data/index.js';
import {
  INITIALIZER_METHODS,
  initializeReplicas,
  type InitializerMethod,
} from '../../initialize/index.js';
import {
  adam,
  networkFromNotation,
  train,
  type LayerRecord,
  type Network,
  type ReplicaRun,
  type TrainingRun,
  type TrainProgress,
} from '../../network/index.js';
import { ChartElement } from '../shell/chart.js';
import { count, countOf, duration, tableRow } from '../shell/dom.js';
import { acceptFiles, downloadJson, readTextFile } from '../shell/files.js';
import { FieldError, readPositiveNumber, readWholeNumber } from '../shell/numbers.js';
import { JOB_CONTROLS, View } from '../shell/view.js';
import { DATA_CHOICES, datasetOfCsv, prepare } from './data-choice.js';
import { deadUnits, lossCurves, type RunningCurve } from './training-charts.js';

const CHOSEN: readonly InitializerMethod[] = ['lps', 'he', 'xavier', 'orthogonal'];
/** What is solved for, not drawn: minutes for a network of the usual size. */
const SLOW: readonly InitializerMethod[] = ['lps-tracked'];
const MOST_EPOCHS = 10_000;
const MOST_RUNS = 50;
const BATCH = 64;
/** Samples on which dead units are counted. */
const PROBE = 256;
/** The chart is drawn again no more often, ms. */
const DRAW_MS = 120;
/** Points of a curve: more than there are pixels would be waste. */
const MOST_POINTS = 1000;

interface Run extends Pick<ReplicaRun, 'status' | 'epochs'> {
  readonly name: string;
  readonly method: InitializerMethod;
  readonly seed: number;
}

export class TrainView extends View {
  protected override readonly jobName = 'Train';
  protected override readonly action = 'Train side by side';
  #loss!: ChartElement;
  #dead!: ChartElement;
  /** Of a file that the visitor chose. */
  #own: Dataset | null = null;
  #runs: readonly Run[] = [];
  #settings: Record<string, unknown> = {};
  #drawn = 0;

  protected override template(): string {
    const choices = Object.entries(DATA_CHOICES)
      .map(([name, { title }]) => `<option value="${name}">${title}</option>`)
      .join('');
    const methods = INITIALIZER_METHODS.filter((method) => !SLOW.includes(method))
      .map(
        (method) =>
          `<label class="check"><input type="checkbox" name="method" value="${method}"${CHOSEN.includes(method) ? ' checked' : ''} />${method}</label>`,
      )
      .join('');
    return `
      <form class="controls" novalidate>
        <h2>Initialize and train</h2>
        <p class="lead">The same network from several initializers, on the same batches. Deep and narrow ReLU networks are often born dead; from lps weights they are not.</p>
        <label>Data
          <select data-piece="data">${choices}<option value="own" disabled>A file</option></select>
        </label>
        <p class="hint">The last column of a CSV file is the target; drop one here. <label class="link">Open a CSV<input type="file" class="unseen" data-piece="file" accept=".csv,text/csv,text/plain" /></label></p>
        <label>Network
          <input data-piece="network" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="network-hint" />
        </label>
        <p class="hint" id="network-hint">Inputs, hidden units, outputs: <code>64-20*16-10</code> has 20 hidden layers of 16 ReLU units.</p>
        <fieldset>
          <legend>Initializers</legend>
          <div>${methods}</div>
        </fieldset>
        <div class="pair">
          <label>Epochs<input data-piece="epochs" inputmode="numeric" value="10" /></label>
          <label>Runs of each<input data-piece="repeats" inputmode="numeric" value="1" /></label>
          <label>Learning rate (Adam)<input data-piece="rate" inputmode="decimal" value="0.001" /></label>
          <label>Seed<input data-piece="seed" inputmode="numeric" value="1" /></label>
        </div>
        ${JOB_CONTROLS}
      </form>
      <div class="results">
        <section aria-label="Training loss">
          <h3>Training loss</h3>
          <p class="lead" data-piece="empty">Nothing trained yet.</p>
          <lps-chart data-piece="loss" hidden></lps-chart>
        </section>
        <section data-piece="outcome" aria-label="Dead units" hidden>
          <h3>Dead units by layer</h3>
          <p class="lead">Share of units that are zero for each of ${PROBE} samples.</p>
          <label class="epoch">Epoch <input type="range" min="0" value="0" data-piece="epoch" /> <output data-piece="epoch-value"></output></label>
          <lps-chart class="low" data-piece="dead"></lps-chart>
          <div class="toolbar"><h3>Runs</h3><button type="button" data-piece="json">Download JSON</button></div>
          <div class="scroll" tabindex="0" role="region" aria-label="Table of runs">
            <table><thead><tr>
              <th scope="col" class="text">run</th><th scope="col">training loss</th><th scope="col">validation loss</th><th scope="col">accuracy</th><th scope="col">dead before</th><th scope="col">dead after</th><th scope="col">end</th>
            </tr></thead><tbody data-piece="table"></tbody></table>
          </div>
        </section>
      </div>`;
  }

  protected override ready(): void {
    this.#loss = this.piece('loss', ChartElement);
    this.#dead = this.piece('dead', ChartElement);
    const data = this.piece('data', HTMLSelectElement);
    const network = this.piece('network', HTMLInputElement);
    network.value = DATA_CHOICES.digits!.network;
    data.addEventListener('change', () => {
      const choice = DATA_CHOICES[data.value];
      network.value = choice?.network ?? this.#networkForOwn();
      if (choice) this.piece('epochs', HTMLInputElement).value = String(choice.epochs);
    });
    acceptFiles(this.piece('file', HTMLInputElement), this, (file) => void this.#load(file));
    this.piece('epoch', HTMLInputElement).addEventListener('input', () => this.#showDead());
    this.piece('json', HTMLButtonElement).addEventListener('click', () =>
      downloadJson('training.json', { settings: this.#settings, runs: this.#runs }),
    );
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const { epochs, seed, learningRate, wanted } = this.#readSettings();
    const notation = this.piece('network', HTMLInputElement).value;
    this.#settings = { network: notation, epochs, seed, learningRate, batch: BATCH };
    this.say('Preparing …');
    const [gpu, parts] = await Promise.all([this.session.gpu(), this.#prepareData(seed)]);
    const net = networkFromNotation(notation, { input: parts.train.shape });
    const { train: data, validation } = parts;
    this.say(`Making ${count(net.parameters.count)} weights ${wanted.length} times …`);
    const weights = await initializeReplicas(
      gpu,
      net,
      wanted.map((run) => ({ ...run, anchors: data })),
    );
    signal.throwIfAborted();
    const curves = wanted.map((run): RunningCurve => ({ ...run, losses: [] }));
    this.piece('empty', HTMLElement).hidden = true;
    this.#loss.hidden = false;
    this.#drawLosses(curves);
    this.say('Compiling …');
    const result = await train(gpu, net, {
      data,
      ...(validation && { validation }),
      weights,
      loss: data.targets.kind === 'class' ? 'softmax-cross-entropy' : 'mse',
      optimizer: adam(learningRate),
      epochs,
      batchSize: Math.min(BATCH, data.count),
      layerProbe: Math.min(PROBE, data.count),
      seed,
      signal,
      onProgress: (progress) => this.#showProgress(progress, curves),
    });
    this.#drawLosses(curves);
    this.#show(net, result, wanted);
  }

  #readSettings() {
    const field = (name: string) => this.piece(name, HTMLInputElement).value;
    const epochs = readWholeNumber('Epochs', field('epochs'), { least: 1, most: MOST_EPOCHS });
    const repeats = readWholeNumber('Runs of each', field('repeats'), {
      least: 1,
      most: MOST_RUNS,
    });
    const seed = readWholeNumber('Seed', field('seed'));
    const learningRate = readPositiveNumber('Learning rate', field('rate'));
    const boxes = this.querySelectorAll<HTMLInputElement>('input[name=method]:checked');
    const methods = Array.from(boxes, ({ value }) => value as InitializerMethod);
    if (methods.length === 0)
      throw new FieldError('No initializer is chosen: tick at least one, and two to compare.');
    const wanted = methods.flatMap((method) =>
      Array.from({ length: repeats }, (_, run) => ({ method, seed: seed + run })),
    );
    return { epochs, seed, learningRate, wanted };
  }

  async #prepareData(seed: number): Promise<DataParts> {
    const choice = DATA_CHOICES[this.piece('data', HTMLSelectElement).value];
    return prepare(choice ? await choice.load() : this.#own!, seed);
  }

  async #load(file: File): Promise<void> {
    try {
      const text = await readTextFile(file, 'a CSV file whose first line names the columns');
      this.#own = datasetOfCsv(file.name, text);
      const data = this.piece('data', HTMLSelectElement);
      const option = data.querySelector<HTMLOptionElement>('option[value=own]')!;
      option.disabled = false;
      option.textContent = `${file.name}, ${count(this.#own.count)} rows`;
      data.value = 'own';
      this.piece('network', HTMLInputElement).value = this.#networkForOwn();
      this.complain(null);
    } catch (error) {
      this.complain(error);
    }
  }

  #networkForOwn(): string {
    if (!this.#own) return '';
    const { shape, targets } = this.#own;
    return `${shape[0]}-6*16-${targets.kind === 'class' ? targets.classes : targets.width}`;
  }

  #showProgress(progress: TrainProgress, curves: readonly RunningCurve[]): void {
    const { stage, step, steps, epoch, epochs, losses, samplesPerSecond, secondsLeft } = progress;
    this.progress(step / steps);
    if (stage === 'training') {
      const stride = Math.ceil(steps / MOST_POINTS);
      curves.forEach((curve, run) => {
        const loss = losses[run]!;
        const last = curve.losses.at(-1)?.[0] ?? -Infinity;
        if (Number.isFinite(loss) && step - last >= stride) curve.losses.push([step, loss]);
      });
      const left = Number.isFinite(secondsLeft) ? `, ${Math.ceil(secondsLeft)} s left` : '';
      this.say(
        `Epoch ${epoch} of ${epochs}: ${count(Math.round(samplesPerSecond))} samples a second in each run${left}`,
      );
    }
    if (performance.now() - this.#drawn > DRAW_MS) this.#drawLosses(curves);
  }

  #drawLosses(curves: readonly RunningCurve[]): void {
    this.#drawn = performance.now();
    this.#loss.show(`Training loss of ${curves.length} runs`, lossCurves(curves));
  }

  #show(
    net: Network,
    { replicas, partial, trainingMs }: TrainingRun,
    wanted: readonly Pick<Run, 'method' | 'seed'>[],
  ): void {
    const isRepeated = wanted.some(({ seed }) => seed !== wanted[0]!.seed);
    this.#runs = replicas.map(({ status, epochs }, index) => {
      const { method, seed } = wanted[index]!;
      return { name: isRepeated ? `${method} ${seed}` : method, method, seed, status, epochs };
    });
    this.piece('outcome', HTMLElement).hidden = false;
    const range = this.piece('epoch', HTMLInputElement);
    range.max = String(Math.max(0, ...this.#runs.map(({ epochs }) => epochs.length - 1)));
    range.value = range.max;
    this.#showDead();
    this.piece('table', HTMLElement).replaceChildren(...this.#runs.map(runRow));
    this.say(
      `${partial ? 'Stopped: ' : ''}${countOf(this.#runs.length, 'network')} of ${countOf(net.parameters.count, 'weight')} trained in ${duration(trainingMs)}`,
      true,
    );
  }

  #showDead(): void {
    const epoch = Number(this.piece('epoch', HTMLInputElement).value);
    this.piece('epoch-value', HTMLElement).textContent =
      epoch === 0 ? '0, before training' : String(epoch);
    this.#dead.show(`Dead units by layer after epoch ${epoch}`, deadUnits(this.#runs, epoch));
  }
}

customElements.define('lps-train', TrainView);

function runRow({ name, status, epochs }: Run): HTMLTableRowElement {
  const last = epochs.at(-1);
  const loss = (value: number | undefined) => value?.toPrecision(4) ?? '–';
  const share = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : `${(100 * value).toFixed(1)}%`;
  const end = status.state === 'diverged' ? `diverged at step ${status.step}` : status.state;
  return tableRow(
    [
      name,
      loss(last?.training?.loss),
      loss(last?.validation?.loss),
      share(last?.validation?.accuracy),
      share(meanDead(epochs[0]?.layers)),
      share(meanDead(last?.layers)),
      end,
    ],
    [0],
  );
}

/** Over the hidden layers. */
function meanDead(layers: readonly LayerRecord[] = []): number | null {
  const hidden = layers.slice(0, -1);
  if (hidden.length === 0) return null;
  return hidden.reduce((sum, { deadFraction }) => sum + deadFraction, 0) / hidden.length;
}
