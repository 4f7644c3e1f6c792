/** Light or dark: as the system says, or as the visitor chose, which is remembered. */

const KEY = 'lps-theme';
const CHOICES = ['system', 'light', 'dark'];

type Listener = () => void;
const listeners = new Set<Listener>();

/** Follows a <select> of 'system', 'light' and 'dark'. */
export function followTheme(select: HTMLSelectElement): void {
  const apply = (choice: string): void => {
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    for (const listener of listeners) listener();
  };
  const remembered = read();
  select.value = remembered;
  apply(remembered);
  select.addEventListener('change', () => {
    write(select.value);
    apply(select.value);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(select.value));
}

/** Calls back after the colours changed. */
export function onThemeChange(listener: Listener): void {
  listeners.add(listener);
}

/** A colour of style.css as it is now, for what is drawn on a canvas. */
export function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

// A page may be refused its storage.
function read(): string {
  try {
    const value = localStorage.getItem(KEY) ?? 'system';
    return CHOICES.includes(value) ? value : 'system';
  } catch {
    return 'system';
  }
}

function write(value: string): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Then it is not remembered.
  }
}
