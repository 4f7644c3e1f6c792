/** The page: four parts behind four links, each loaded when it is first opened and kept afterwards. */
import { describeAbsence, describeAdapter } from './shell/adapter.js';
import { Session } from './shell/session.js';
import { followTheme } from './shell/theme.js';
import type { View } from './shell/view.js';

const PARTS = {
  solve: async () => new (await import('./solve/solve-view.js')).SolveView(),
  minima: async () => new (await import('./minima/minima-view.js')).MinimaView(),
  train: async () => new (await import('./train/train-view.js')).TrainView(),
  benchmark: async () => new (await import('./benchmark/benchmark-view.js')).BenchmarkView(),
} satisfies Record<string, () => Promise<View>>;
type Part = keyof typeof PARTS;

const PATIENCE_MS = 1500;

const main = document.querySelector<HTMLElement>('main')!;
const notices = document.querySelector<HTMLElement>('#notices')!;
const adapter = document.querySelector<HTMLElement>('#adapter')!;

const session = new Session((error) => {
  const box = document.createElement('p');
  box.className = 'notice warning';
  box.role = 'alert';
  box.textContent = `The GPU was lost (${error.reason}). A solve or a training that was at work goes on once it is open again; anything else was ended and can be run again. What you entered is still here.`;
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = 'Close';
  close.addEventListener('click', () => {
    box.remove();
    main.focus();
  });
  box.append(close);
  notices.querySelector('.warning')?.remove();
  notices.append(box);
  void lookForGpu();
});

async function lookForGpu(): Promise<void> {
  try {
    describeAdapter(await session.gpu(), adapter, notices);
  } catch (error) {
    describeAbsence(error, adapter, notices, () => void lookForGpu());
  }
}

const views = new Map<Part, Promise<View>>();

async function open(part: Part): Promise<View> {
  const view = await PARTS[part]();
  view.session = session;
  view.hidden = true;
  main.append(view);
  return view;
}

/** The part of the address, the first one when it names none. */
function currentPart(): Part {
  const name = location.hash.slice(1);
  return Object.hasOwn(PARTS, name) ? (name as Part) : 'solve';
}

async function show(): Promise<void> {
  const part = currentPart();
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#${part}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  let opened = views.get(part);
  if (!opened) {
    opened = open(part);
    views.set(part, opened);
  }
  await opened;
  // Another link may have been followed meanwhile.
  if (currentPart() !== part) return;
  for (const [name, view] of views) (await view).hidden = name !== part;
  document.title = `${part[0]!.toUpperCase()}${part.slice(1)} · lps-webgpu`;
}

followTheme(document.querySelector<HTMLSelectElement>('#theme')!);
// A file dropped beside its place must not replace the page.
for (const type of ['dragover', 'drop'])
  addEventListener(type, (event) => {
    event.preventDefault();
  });
addEventListener('hashchange', () => void show());
// Addresses name parts, so this one must not become the page's.
document.querySelector('.skip')!.addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
// First the banner, which would move all else, unless the browser takes its time.
await Promise.race([lookForGpu(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
await show();
