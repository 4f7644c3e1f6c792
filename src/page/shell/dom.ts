/** Elements made from text, never from HTML: data must not become markup. */

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text = '',
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** A row of a table's body; the columns at `left` are text. */
export function tableRow(
  texts: readonly string[],
  left: readonly number[] = [],
): HTMLTableRowElement {
  const row = element('tr');
  row.append(
    ...texts.map((text, column) => {
      const cell = element('td', text);
      if (left.includes(column)) cell.className = 'text';
      return cell;
    }),
  );
  return row;
}

/** Fills a <dl>. */
export function showFacts(list: HTMLElement, facts: readonly (readonly [string, string])[]): void {
  list.replaceChildren(
    ...facts.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  );
}

/** Fills a <ul>. */
export function showWarnings(list: HTMLElement, warnings: readonly string[]): void {
  list.replaceChildren(...warnings.map((warning) => element('li', warning)));
}

/** "1 row", "2 rows" */
export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** "0.12 s", "3.4 ms" */
export function duration(ms: number): string {
  return ms < 100 ? `${Number(ms.toPrecision(2))} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
