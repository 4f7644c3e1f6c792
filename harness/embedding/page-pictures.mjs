/**
 * Pictures of the live page, to be looked at: each part before, during and after its work, wide and narrow, light and
 * dark. What the page reports to its console is printed; exit code 1 when there was any.
 *
 * node harness/embedding/page-pictures.mjs FOLDER [WIDTH-COLOURS...]    such as 1280-light; all four unless named
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from '../build/stamp.mjs';
import { root } from '../setup/paths.mjs';

const [folder, ...named] = process.argv.slice(2);
if (!folder) {
  console.error('where to? node harness/embedding/page-pictures.mjs FOLDER [WIDTH-COLOURS...]');
  process.exit(2);
}
ensureBuild();
// The build makes these.
const { openBrowser } = await import('../../dist/internals/browser.js');
const { serve } = await import('../../dist/internals/server.js');
const looks = ['1280-light', '1280-dark', '390-light', '390-dark'];
mkdirSync(folder, { recursive: true });
const server = await serve({ folders: { '/': join(root, 'dist', 'page') } });
const browser = await openBrowser({ shows: true });
try {
  for (const look of named.length > 0 ? named : looks) await picturesOf(look);
} finally {
  await browser.close();
  await server.close();
}

async function picturesOf(look) {
  const [width, colours] = look.split('-');
  const page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && report(look, message.text()));
  page.on('pageerror', (error) => report(look, String(error)));
  await page.setViewport({ width: Number(width), height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: colours }]);
  const keep = (name) =>
    page.screenshot({ path: join(folder, `${look}-${name}.png`), fullPage: true });
  const open = async (part) => {
    await page.goto(`${server.url}index.html#${part}`);
    await page.waitForSelector(`lps-${part}:not([hidden]) [data-piece=run]`);
  };
  const piece = (part, name) => `lps-${part} [data-piece=${name}]`;
  const finish = async (part) => {
    await page.waitForSelector(`${piece(part, 'run')}:not(.stop)`, { timeout: 300_000 });
    await page.waitForSelector(`lps-${part} progress[hidden]`);
    // Charts glide into place.
    await new Promise((resolve) => setTimeout(resolve, 1200));
  };
  const choose = (part, name, value) =>
    page.$eval(
      piece(part, name),
      (field, text) => {
        field.value = text;
        for (const type of ['input', 'change'])
          field.dispatchEvent(new Event(type, { bubbles: true }));
      },
      value,
    );

  await open('solve');
  await keep('solve-0');
  await choose('solve', 'example', 'katsura8');
  await page.click(piece('solve', 'watch'));
  await page.click(piece('solve', 'run'));
  await page.waitForFunction(
    (status) => document.querySelector(status).textContent.includes('slowed down'),
    { timeout: 300_000 },
    piece('solve', 'status'),
  );
  await new Promise((resolve) => setTimeout(resolve, 700));
  await keep('solve-1');
  // Of 1280-light it is README's picture, docs/paths.png.
  const plane = await page.$('lps-solve .plane');
  await plane.screenshot({ path: join(folder, `${look}-paths.png`) });
  await finish('solve');
  await keep('solve-2');
  await choose('solve', 'system', 'dog barks @');
  await page.click(piece('solve', 'run'));
  await page.waitForSelector(`${piece('solve', 'error')}:not([hidden])`);
  await keep('solve-3');

  await open('minima');
  await keep('minima-0');
  await page.click(piece('minima', 'run'));
  await finish('minima');
  await keep('minima-1');

  await open('train');
  await keep('train-0');
  await choose('train', 'data', 'abs');
  await choose('train', 'epochs', '5');
  await page.click(piece('train', 'run'));
  await finish('train');
  await keep('train-1');

  await open('benchmark');
  await keep('benchmark-0');
  await page.click('lps-benchmark input[value=train]');
  await page.click(piece('benchmark', 'run'));
  await finish('benchmark');
  await keep('benchmark-1');
  await page.close();
}

function report(look, text) {
  console.error(`${look}: ${text}`);
  process.exitCode = 1;
}
