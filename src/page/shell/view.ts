/**
 * What the four parts of the page have in common: a form, one button that starts and stops, a line that
 * says how far it is, and a place for errors. Each part is a custom element without a shadow tree, so
 * that labels, styles and links work across it.
 */
import { element } from './dom.js';
import { explain } from './explain.js';
import type { Session } from './session.js';

/** A screen reader reads the progress out no more often than this. */
const ANNOUNCE_MS = 2000;

export abstract class View extends HTMLElement {
  /** Set before the element is put into the page. */
  session!: Session;
  /** As in the navigation. */
  protected abstract readonly jobName: string;
  /** On the button while nothing runs. */
  protected abstract readonly action: string;
  #controller: AbortController | null = null;
  #announced = -Infinity;

  connectedCallback(): void {
    if (this.childElementCount > 0) return;
    this.innerHTML = this.template();
    const button = this.piece('run', HTMLButtonElement);
    button.textContent = this.action;
    button.addEventListener('click', (event) => {
      event.preventDefault();
      this.toggle();
    });
    // Enter in a field.
    this.querySelector('form')?.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.isRunning) this.toggle();
    });
    this.ready();
  }

  /** HTML; data is put in later, never here. */
  protected abstract template(): string;

  /** After the template is there. */
  protected abstract ready(): void;

  /** The job behind the button. */
  protected abstract run(signal: AbortSignal): Promise<void>;

  protected get isRunning(): boolean {
    return this.#controller !== null;
  }

  /** The element marked `data-piece="name"`. */
  protected piece<Type extends HTMLElement>(name: string, type: new () => Type): Type {
    const found = this.querySelector(`[data-piece="${name}"]`);
    if (!(found instanceof type)) throw new TypeError(`the page has no piece "${name}"`);
    return found;
  }

  /** Starts the job, or asks the running one to stop. */
  protected toggle(): void {
    if (this.#controller) {
      this.#controller.abort();
      this.say('Stopping …', true);
    } else void this.#start();
  }

  /** Shows how far it is; reads it out when it is `final` or the last time was long ago. */
  protected say(text: string, final = false): void {
    this.piece('status', HTMLElement).textContent = text;
    const now = performance.now();
    if (!final && now - this.#announced < ANNOUNCE_MS) return;
    this.#announced = now;
    this.piece('announcement', HTMLElement).textContent = text;
  }

  /** Sets the bar; null hides it. */
  protected progress(share: number | null): void {
    const bar = this.piece('progress', HTMLProgressElement);
    bar.hidden = share === null;
    if (share === null) return;
    if (Number.isFinite(share)) bar.value = share;
    else bar.removeAttribute('value');
  }

  /** Shows what went wrong, or takes the message away. */
  protected complain(error: unknown): void {
    const box = this.piece('error', HTMLElement);
    box.hidden = error === null;
    // After the first line comes what it is about, in columns.
    const [message = '', ...lines] = error === null ? [] : explain(error).split('\n');
    box.replaceChildren(message);
    if (lines.length === 0) return;
    const place = element('code', lines.join('\n'));
    // It scrolls where it is long, by keyboard, too.
    place.tabIndex = 0;
    box.append('\n', place);
  }

  async #start(): Promise<void> {
    const controller = new AbortController();
    const button = this.piece('run', HTMLButtonElement);
    this.complain(null);
    try {
      await this.session.run(this.jobName, async () => {
        this.#controller = controller;
        button.textContent = 'Stop';
        button.classList.add('stop');
        this.progress(Infinity);
        await this.run(controller.signal);
      });
    } catch (error) {
      if (controller.signal.aborted) this.say('Stopped.', true);
      else {
        this.complain(error);
        if (this.#controller) this.say('', true);
      }
    } finally {
      this.#controller = null;
      button.textContent = this.action;
      button.classList.remove('stop');
      this.progress(null);
    }
  }
}

/** Button, progress and messages of a view. */
export const JOB_CONTROLS = `
  <button type="submit" class="primary" data-piece="run"></button>
  <progress data-piece="progress" max="1" aria-label="Progress" hidden></progress>
  <p class="status" data-piece="status"></p>
  <p class="unseen" role="status" data-piece="announcement"></p>
  <p class="error" role="alert" data-piece="error" hidden></p>`;
