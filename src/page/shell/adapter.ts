/** What the page says about the GPU: its name, that it is none, or that there is no WebGPU. */
import { GpuUnavailableError, type GpuDevice } from '../../gpu/index.js';

const SOFTWARE = `
  <section class="notice software" aria-label="Software adapter">
    <h2>No graphics card in use</h2>
    <p>
      WebGPU runs on the processor here (<span data-name></span>): everything works, at a tenth to a
      hundredth of a graphics card’s speed. In Chrome and Edge switch on <b>Settings → System → Use
      graphics acceleration</b> and restart; <kbd>chrome://gpu</kbd> says what is missing.
    </p>
  </section>`;

const UNAVAILABLE = `
  <section class="notice unavailable" role="alert">
    <h2>This browser gives no access to a GPU</h2>
    <p>Everything here computes with WebGPU. What helps, by browser:</p>
    <ul>
      <li><b>Chrome, Edge</b> 113 or later: Settings → System → Use graphics acceleration. On Linux
        also open <kbd>chrome://flags/#enable-unsafe-webgpu</kbd>.</li>
      <li><b>Safari</b> 26 or later on macOS, iOS and visionOS: nothing to do.</li>
      <li><b>Firefox</b> 141 or later on Windows, 145 on macOS with Apple silicon; elsewhere Nightly.</li>
      <li>Any browser: the address must begin with <kbd>https://</kbd>, or be
        <kbd>http://localhost</kbd> or <kbd>http://127.0.0.1</kbd>.</li>
    </ul>
    <p class="detail"></p>
    <button type="button">Look again</button>
  </section>`;

/** The line in the masthead, and a banner where something is to be said. */
export function describeAdapter(gpu: GpuDevice, line: HTMLElement, notices: HTMLElement): void {
  const { vendor, architecture, description, software } = gpu.info;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
  line.textContent = name;
  notices.querySelector('.unavailable')?.remove();
  if (!software || notices.querySelector('.software')) return;
  notices.insertAdjacentHTML('afterbegin', SOFTWARE);
  notices.querySelector('.software [data-name]')!.textContent = name;
}

/** Help for a browser without WebGPU. */
export function describeAbsence(
  error: unknown,
  line: HTMLElement,
  notices: HTMLElement,
  again: () => void,
): void {
  line.textContent = 'No GPU';
  notices.querySelector('.unavailable')?.remove();
  notices.insertAdjacentHTML('afterbegin', UNAVAILABLE);
  const box = notices.querySelector('.unavailable')!;
  const tried = error instanceof GpuUnavailableError ? error.tried : [String(error)];
  box.querySelector('.detail')!.textContent = `Tried: ${tried.join('; ')}.`;
  box.querySelector('button')!.addEventListener('click', again);
}
