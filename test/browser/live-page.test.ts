/**
 * Believed afterwards: every part of the live page (src/page) does its work in a real browser by mouse and by
 * keyboard, wide and narrow, light and dark, also under a policy that forbids eval, inline scripts and everything
 * from elsewhere; bad input is answered in words and the page goes on. The truth are solutions known in closed
 * form and minima found by descent from many points; axe judges accessibility.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice, PathPositions } from 'lps-webgpu';
import { openBrowser } from '../../harness/browser.js';
import { openPage, type TestPage } from '../helpers/page.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const GOLDEN = (Math.sqrt(5) - 1) / 2;

type Part = 'solve' | 'minima' | 'train' | 'benchmark';

/** What the page's elements offer to whoever looks into them. */
interface PartElement extends HTMLElement {
  readonly session: { gpu(): Promise<GpuDevice> };
}

interface ChartElement extends HTMLElement {
  readonly chart: { convertToPixel(place: object, point: number[]): number[] };
}

class Visitor {
  private constructor(
    private readonly test: TestPage,
    readonly page: Page,
  ) {}

  static async arrive(
    part: Part,
    look: { readonly width: number; readonly dark: boolean; readonly strict?: boolean },
    prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
    browser?: Browser,
  ): Promise<Visitor> {
    const test = await openPage({ strict: look.strict ?? false, ...(browser && { browser }) });
    const { page } = test;
    await page.setViewport({ width: look.width, height: 900 });
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: look.dark ? 'dark' : 'light' },
    ]);
    await prepare(page);
    // What a visitor would save.
    await page.evaluateOnNewDocument(() => {
      const saved: Promise<string>[] = [];
      Object.assign(globalThis, { saved });
      const { createObjectURL } = URL;
      URL.createObjectURL = (blob: Blob) => {
        saved.push(blob.text());
        return createObjectURL(blob);
      };
    });
    await page.goto(`${test.url}dist/page/index.html#${part}`);
    const visitor = new Visitor(test, page);
    await visitor.shown(part);
    return visitor;
  }

  /** Fails when the page reported an error. */
  leave(): Promise<void> {
    return this.test.close();
  }

  async follow(part: Part): Promise<void> {
    await this.page.click(`nav a[href="#${part}"]`);
    await this.shown(part);
  }

  private async shown(part: Part): Promise<void> {
    await this.page.waitForSelector(`lps-${part}:not([hidden]) [data-piece=run]`);
  }

  async run(part: Part): Promise<void> {
    await this.page.click(`lps-${part} [data-piece=run]`);
    await this.idle(part);
  }

  /** Waits until what was started has ended. */
  async idle(part: Part): Promise<void> {
    await this.page.waitForSelector(`lps-${part} [data-piece=run]:not(.stop)`);
    await this.page.waitForFunction(
      (name) => document.querySelector(`lps-${name} progress`)?.hasAttribute('hidden'),
      {},
      part,
    );
  }

  type(selector: string, text: string): Promise<void> {
    return this.page.$eval(
      selector,
      (field, value) => {
        (field as HTMLInputElement).value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new Event('change', { bubbles: true }));
      },
      text,
    );
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (element) => element.textContent);
  }

  async error(part: Part): Promise<string> {
    const selector = `lps-${part} [data-piece=error]:not([hidden])`;
    await this.page.waitForSelector(selector);
    return this.text(selector);
  }

  table(part: Part): Promise<string[][]> {
    return this.page.$$eval(`lps-${part} tbody tr`, (rows) =>
      rows.map((row) => Array.from(row.cells, (cell) => cell.textContent)),
    );
  }

  async saved(part: Part, button: string): Promise<string> {
    await this.page.click(`lps-${part} [data-piece=${button}]`);
    return (await this.page.evaluate('saved.at(-1)')) as string;
  }

  /** Drops a file on an element. */
  drop(selector: string, name: string, bytes: readonly number[]): Promise<void> {
    return this.page.$eval(
      selector,
      (target, file) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([Uint8Array.from(file.bytes)], file.name));
        target.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
      },
      { name, bytes: [...bytes] },
    );
  }

  loseDevice(part: Part): Promise<void> {
    return this.page.$eval(`lps-${part}`, async (element) => {
      (await (element as PartElement).session.gpu()).device.destroy();
    });
  }

  /** What axe finds wrong, and whether anything sticks out. */
  async flaws(): Promise<string[]> {
    if (!(await this.page.evaluate('"axe" in globalThis'))) await this.page.evaluate(axe);
    return (await this.page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(
      ({ violations }) => [
        ...violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')),
        ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the window'] : []),
      ])`)) as string[];
  }
}

/** Losses of the local minima of a 1-1-1 network with ReLU's quadratic fit, by descent from many points. */
function minimaByDescent(points: readonly (readonly [number, number])[], lambda: number): number[] {
  const standard = (values: number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return values.map((value) => (value - mean) / Math.sqrt(variance));
  };
  const x = standard(points.map((point) => point[0]));
  const t = standard(points.map((point) => point[1]));
  const loss = (theta: readonly number[]): { value: number; gradient: number[] } => {
    const [w1, b1, w2, b2] = theta as [number, number, number, number];
    let value = (lambda / 2) * theta.reduce((sum, each) => sum + each * each, 0);
    const gradient = theta.map((each) => lambda * each);
    x.forEach((input, k) => {
      const z = w1 * input + b1;
      const p = 3 / 32 + z / 2 + (15 / 32) * z * z;
      const slope = 1 / 2 + (15 / 16) * z;
      const off = (w2 * p + b2 - t[k]!) / x.length;
      value += (off * off * x.length) / 2;
      [w2 * slope * input, w2 * slope, p, 1].forEach((part, j) => (gradient[j]! += off * part));
    });
    return { value, gradient };
  };
  const found: number[] = [];
  for (let start = 0; start < 12; start++) {
    // Spread by the golden ratio's powers; any spread would do.
    let theta = [1, 2, 3, 4].map((j) => 4 * ((((start + 1) * GOLDEN ** j) % 1) - 0.5));
    let step = 0.1;
    let here = loss(theta);
    for (let k = 0; k < 20_000 && Math.hypot(...here.gradient) > 1e-6; k++) {
      const next = theta.map((each, j) => each - step * here.gradient[j]!);
      const there = loss(next);
      if (there.value <= here.value) {
        [theta, here] = [next, there];
        step *= 1.1;
      } else step /= 2;
    }
    if (!found.some((value) => Math.abs(value - here.value) < 1e-5)) found.push(here.value);
  }
  return found.sort((a, b) => a - b);
}

describe('wide and light, by mouse', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await Visitor.arrive('solve', { width: 1280, dark: false });
  });
  afterAll(() => visitor.leave());

  it('says that the adapter is a processor', async () => {
    expect(await visitor.text('.software')).toMatch(/No graphics card in use/);
  });

  it('solves: start system, solutions, files', async () => {
    await visitor.page.waitForFunction(() =>
      document.querySelector('lps-solve [data-piece=paths]')?.textContent.startsWith('4 paths'),
    );
    expect(await visitor.text('lps-solve [data-piece=structure]')).toBe(
      '{ x y }{ x y }\n{ x y }{ x y }',
    );
    await visitor.run('solve');
    expect(await visitor.text('lps-solve [data-piece=status]')).toMatch(/^4 solutions, 2 real/);
    const rows = await visitor.table('solve');
    expect(rows.map((row) => row[1])).toEqual([
      'real, certified',
      'real, certified',
      'complex, certified',
      'complex, certified',
    ]);
    const { solutions } = JSON.parse(await visitor.saved('solve', 'json')) as {
      solutions: { coordinates: [number, number][] }[];
    };
    const ys = solutions.map(({ coordinates }) => coordinates[1]![0]).sort((a, b) => a - b);
    [-1 - GOLDEN, -1 - GOLDEN, GOLDEN, GOLDEN].forEach((y, k) => expect(ys[k]).toBeCloseTo(y, 12));
    const csv = (await visitor.saved('solve', 'csv')).trim().split(/\r?\n/);
    expect(csv).toHaveLength(5);
    expect(csv[0]).toMatch(/^x_re,x_im,y_re,y_im,residual/);
    await visitor.page.click('lps-solve [data-piece=real]');
    expect(await visitor.table('solve')).toHaveLength(2);
  });

  it('finds every minimum, and minima follow a point that is dragged', async () => {
    await visitor.follow('minima');
    const read = async () =>
      (await visitor.page.$eval('lps-minima textarea', ({ value }) => value))
        .split('\n')
        .map((line) => line.split(',').map(Number) as [number, number]);
    const losses = async () =>
      (await visitor.table('minima'))
        .filter(([name]) => !name!.includes('polished'))
        .map((row) => Number(row[1]));
    const expected = async () =>
      minimaByDescent(await read(), 0.01).map((loss) => Number(loss.toPrecision(5)));
    await visitor.run('minima');
    const before = await losses();
    expect(before).toEqual(await expected());
    expect(await visitor.text('lps-minima [data-piece=facts]')).toMatch(/1, as it must be/);

    const [left, top] = await visitor.page.$eval('lps-minima lps-chart', (element) => {
      const { left, top } = element.getBoundingClientRect();
      const { chart } = element as ChartElement;
      const [x, y] = chart.convertToPixel({ gridIndex: 0 }, [0, 0.5]) as [number, number];
      return [left + x, top + y] as const;
    });
    await visitor.page.mouse.move(left, top);
    await visitor.page.mouse.down();
    await visitor.page.mouse.move(left + 20, top - 60, { steps: 4 });
    await visitor.page.mouse.up();
    await visitor.idle('minima');
    expect((await read())[4]![1]).toBeGreaterThan(0.6);
    expect(await losses()).not.toEqual(before);
    expect(await losses()).toEqual(await expected());
    expect(await visitor.flaws()).toEqual([]);
  });

  it('trains side by side: lps weights are alive where He weights are not', async () => {
    await visitor.follow('train');
    await visitor.type('lps-train [data-piece=data]', 'abs');
    await visitor.type('lps-train [data-piece=epochs]', '5');
    for (const method of ['xavier', 'orthogonal'])
      await visitor.page.click(`lps-train input[value=${method}]`);
    await visitor.run('train');
    const rows = await visitor.table('train');
    expect(rows.map(([name]) => name)).toEqual(['lps', 'he']);
    expect(rows.every((row) => row.at(-1) === 'finished')).toBe(true);
    const dead = rows.map((row) => parseFloat(row[4]!));
    expect(dead[0]).toBeLessThan(dead[1]!);
    const { runs } = JSON.parse(await visitor.saved('train', 'json')) as {
      runs: { epochs: { layers: { deadFraction: number }[] }[] }[];
    };
    expect(runs.map(({ epochs }) => epochs.length)).toEqual([6, 6]);
    expect(await visitor.flaws()).toEqual([]);
  });

  it('measures, and stops when told to', async () => {
    await visitor.follow('benchmark');
    await visitor.page.click('lps-benchmark input[value=train]');
    await visitor.run('benchmark');
    expect((await visitor.table('benchmark')).map(([row, , , right]) => [row, right])).toEqual([
      ['matmul/64', 'right'],
    ]);
    const result = JSON.parse(await visitor.saved('benchmark', 'json')) as {
      partial: boolean;
      runtime: { adapter: { software: boolean } };
      suites: { name: string; rows: { id: string }[] }[];
    };
    expect(result).toMatchObject({ partial: false, runtime: { adapter: { software: true } } });
    expect(result.suites[0]!.rows[0]!.id).toBe('matmul/64');
    expect(await visitor.flaws()).toEqual([]);

    await visitor.page.click('lps-benchmark [data-piece=run]');
    await visitor.page.waitForSelector('lps-benchmark [data-piece=run].stop');
    await visitor.page.click('lps-benchmark [data-piece=run]');
    await visitor.idle('benchmark');
    expect(await visitor.text('lps-benchmark [data-piece=status]')).toMatch(/^Stopped/);
  });
});

describe('paths on their way', () => {
  /** Colours of style.css. */
  const MOVING = { light: [10, 95, 168], dark: [143, 199, 247] };
  const HALF = 2.2;

  /** Keeps what each round holds, as PathPositions says it, and holds rounds back until `globalThis.go` is called. */
  const holdRounds = (visitor: Visitor) =>
    visitor.page.$eval('lps-plane', (plane) => {
      const rounds: number[][] = [];
      const gate = new Promise<void>((resolve) =>
        Object.assign(globalThis, { rounds, go: resolve }),
      );
      const element = plane as HTMLElement & {
        follow(gpu: GpuDevice, positions: PathPositions): Promise<void>;
      };
      const { follow } = element;
      element.follow = async (gpu, positions) => {
        const { buffer, paths, stride, unknowns } = positions;
        const words = new Float32Array(await gpu.read(buffer, 0, 4 * stride * paths));
        const { word, homogenizing, unit } = unknowns[0]!;
        const round = Array.from({ length: paths }, (_, path) => {
          const [x, y] = words.subarray(path * stride + word) as unknown as [number, number];
          const [u, v] = words.subarray(path * stride + homogenizing) as unknown as [
            number,
            number,
          ];
          const size = (u * u + v * v) / 2 ** unit;
          return [(x * u + y * v) / size, (y * u - x * v) / size];
        });
        await follow.call(element, gpu, positions);
        rounds.push(round.flat());
        await gate;
      };
    });

  /** Places of the pixels of a colour, from the plane's middle in units of the plane. */
  const pixelsOf = async (visitor: Visitor, colour: readonly number[]) => {
    // Trails are gone then.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const shot = await (await visitor.page.$('lps-plane'))!.screenshot({ encoding: 'base64' });
    return visitor.page.evaluate(
      async (png, [red, green, blue], half) => {
        const image = await createImageBitmap(
          await (await fetch(`data:image/png;base64,${png}`)).blob(),
        );
        const { width, height } = image;
        const context = new OffscreenCanvas(width, height).getContext('2d')!;
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, width, height);
        const found: [number, number][] = [];
        for (let k = 0; k < data.length; k += 4)
          if (Math.hypot(data[k]! - red!, data[k + 1]! - green!, data[k + 2]! - blue!) < 40) {
            const [x, y] = [(k / 4) % width, Math.floor(k / 4 / width)];
            found.push([x + 0.5 - width / 2, height / 2 - y - 0.5]);
          }
        const unit = (2 * half) / height;
        return { unit, found: found.map(([x, y]) => [x * unit, y * unit] as const) };
      },
      shot,
      colour,
      HALF,
    );
  };

  const pairs = (round: readonly number[]) =>
    Array.from({ length: round.length / 2 }, (_, k) => [round[2 * k]!, round[2 * k + 1]!] as const);

  /** Every path has its square of two pixels, and nothing else is there. */
  const expectPicture = async (
    visitor: Visitor,
    colour: readonly number[],
    round: readonly number[],
  ) => {
    const { unit, found } = await pixelsOf(visitor, colour);
    const apart = (a: readonly number[], b: readonly number[]) =>
      Math.max(Math.abs(a[0]! - b[0]!), Math.abs(a[1]! - b[1]!)) / unit;
    const points = pairs(round);
    for (const point of points)
      expect(found.filter((pixel) => apart(pixel, point) <= 1.5).length).toBeGreaterThan(0);
    for (const pixel of found)
      expect(Math.min(...points.map((point) => apart(pixel, point)))).toBeLessThanOrEqual(1.5);
  };

  const watch = async (visitor: Visitor) => {
    const { page } = visitor;
    await holdRounds(visitor);
    // On a graphics card it is ticked by itself.
    if (
      !(await page.$eval(
        'lps-solve [data-piece=watch]',
        (box) => (box as HTMLInputElement).checked,
      ))
    )
      await page.click('lps-solve [data-piece=watch]');
    await page.click('lps-solve [data-piece=run]');
    await page.waitForFunction('rounds.length > 0');
    return (await page.evaluate('rounds[0]')) as number[];
  };

  it('are drawn from the buffer on the GPU, where they are', async () => {
    const browser = await openBrowser({ shows: true });
    try {
      const visitor = await Visitor.arrive(
        'solve',
        { width: 1280, dark: false },
        undefined,
        browser,
      );
      const { page } = visitor;
      const first = await watch(visitor);
      expect(first).toHaveLength(8);
      expect(await page.$$('lps-plane canvas')).toHaveLength(2);
      expect(
        await page.$eval(
          'lps-plane canvas + canvas',
          (canvas) => canvas.getContext('webgpu') !== null,
        ),
      ).toBe(true);
      await expectPicture(visitor, MOVING.light, first);
      await page.select('#theme', 'dark');
      await page.setViewport({ width: 390, height: 900 });
      await expectPicture(visitor, MOVING.dark, first);
      await page.evaluate('go()');
      await visitor.idle('solve');
      const rounds = (await page.evaluate('rounds')) as number[][];
      // x^4 + x^2 = 1: x is +-sqrt(0.618...) or +-i sqrt(1.618...).
      const ends = pairs(rounds.at(-1)!);
      const [near, far] = [Math.sqrt(GOLDEN), Math.sqrt(1 + GOLDEN)];
      for (const [re, im] of [
        [near, 0],
        [-near, 0],
        [0, far],
        [0, -far],
      ] as const)
        expect(Math.min(...ends.map((end) => Math.hypot(end[0] - re, end[1] - im)))).toBeLessThan(
          1e-3,
        );
      // Instead the ends are on the other canvas.
      await page.$eval('lps-plane canvas', (canvas) => (canvas.style.visibility = 'hidden'));
      expect((await pixelsOf(visitor, MOVING.dark)).found).toEqual([]);

      // A device that is lost takes its canvas along.
      await visitor.loseDevice('solve');
      await page.waitForFunction(() => document.querySelectorAll('lps-plane canvas').length === 1);
      await visitor.leave();
    } finally {
      await browser.close();
    }
  });

  it('are drawn from numbers where WebGPU has no canvas', async () => {
    const visitor = await Visitor.arrive('solve', { width: 1280, dark: false }, (page) =>
      page.evaluateOnNewDocument(() => {
        const { getContext } = HTMLCanvasElement.prototype;
        HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string) {
          return kind === 'webgpu' ? null : getContext.call(this, kind as 'webgpu');
        } as typeof getContext;
      }),
    );
    await expectPicture(visitor, MOVING.light, await watch(visitor));
    await visitor.page.evaluate('go()');
    await visitor.idle('solve');
    expect(await visitor.flaws()).toEqual([]);
    await visitor.leave();
  });
});

describe('narrow, dark, and under the strictest policy', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await Visitor.arrive('solve', { width: 390, dark: true, strict: true });
  });
  afterAll(() => visitor.leave());

  it('is used by keyboard alone', async () => {
    const { keyboard } = visitor.page;
    const focused = () =>
      visitor.page.evaluate(
        () =>
          (document.activeElement as HTMLElement).dataset.piece ?? document.activeElement!.tagName,
      );
    const tabTo = async (piece: string) => {
      for (let k = 0; k < 30; k++) {
        await keyboard.press('Tab');
        if ((await focused()) === piece) return;
      }
      throw new Error(`Tab does not reach ${piece}`);
    };
    await tabTo('system');
    await keyboard.down('Control');
    await keyboard.press('a');
    await keyboard.up('Control');
    await keyboard.type('u^2 - 2\nv - u');
    await tabTo('run');
    await keyboard.press('Enter');
    await visitor.page.waitForFunction(() =>
      document
        .querySelector('lps-solve [data-piece=status]')
        ?.textContent.startsWith('2 solutions'),
    );
    expect((await visitor.table('solve')).map((row) => row[5]).sort()).toEqual([
      '1.4142136',
      '−1.4142136',
    ]);
    expect(await focused()).toBe('run');
    await tabTo('CANVAS');
    const label = await visitor.page.evaluate(() => document.activeElement!.ariaLabel);
    expect(label).toBe('Complex plane: 2 values of u');
    await keyboard.press('+');
    await tabTo('json');
  });

  it('has no flaw in any part, and becomes light when asked to', async () => {
    for (const part of ['solve', 'minima', 'train', 'benchmark'] as const) {
      await visitor.follow(part);
      expect(await visitor.flaws()).toEqual([]);
    }
    const background = () =>
      visitor.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await visitor.page.select('#theme', 'light');
    expect(await background()).not.toBe(dark);
    expect(await background()).toBe('rgb(255, 255, 255)');
  });
});

describe('what goes wrong', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await Visitor.arrive('solve', { width: 1280, dark: false });
  });
  afterAll(() => visitor.leave());

  const system = 'lps-solve [data-piece=system]';
  const twenty = Array.from({ length: 20 }, (_, k) => `x${k}^8 - 2`).join('\n');

  it.each([
    ['nonsense', 'dog barks @', /line 1, column/],
    ['more unknowns than equations', 'x*y - 1', /1 equation in 2 unknowns/],
    ['nothing', '   ', /no equations/],
    [
      'more paths than a page can follow',
      twenty,
      /1152921504606846976 paths, more than the 200000/,
    ],
  ])('%s instead of a system', async (_, text, message) => {
    await visitor.type(system, text);
    await visitor.run('solve');
    expect(await visitor.error('solve')).toMatch(message);
    // A visitor has no command line.
    expect(await visitor.error('solve')).not.toContain('--');
    expect(await visitor.page.$('lps-solve [data-piece=solutions]:not([hidden])')).toBeNull();
  });

  it('files of the wrong kind', async () => {
    // The error of an earlier input stands there until the file has been read.
    const errorOf = (name: string) =>
      visitor.page.waitForFunction(
        (file) =>
          document.querySelector('lps-solve [data-piece=error]')?.textContent.includes(`"${file}"`),
        {},
        name,
      );
    await visitor.drop(system, 'photo.png', [0x89, 0x50, 0xff, 0x00]);
    await errorOf('photo.png');
    expect(await visitor.error('solve')).toMatch(
      /"photo.png" is not a text file: choose a text file/,
    );
    await visitor.drop(system, 'empty.txt', []);
    await errorOf('empty.txt');
    expect(await visitor.error('solve')).toMatch(/"empty.txt" is empty/);
    const text = [...new TextEncoder().encode('x^2 - 4')];
    await visitor.drop(system, 'good.txt', text);
    await visitor.page.waitForSelector('lps-solve [data-piece=error][hidden]');
    await visitor.run('solve');
    expect((await visitor.table('solve')).map((row) => row[5]).sort()).toEqual(['2', '−2']);
  });

  it('more equations than unknowns, of which one root is common', async () => {
    const text = [...new TextEncoder().encode('x^2 - 3*x + 2; x^2 - 4*x + 3')];
    await visitor.drop(system, 'two.txt', text);
    await visitor.page.waitForFunction(() =>
      document.querySelector('lps-solve [data-piece=paths]')?.textContent.startsWith('2 paths'),
    );
    await visitor.run('solve');
    expect((await visitor.table('solve')).map((row) => row[5])).toEqual(['1']);
  });

  it('a tab that is hidden, and made narrow, while it solves', async () => {
    await visitor.type(system, 'x^2 + y^2 - 1\nx^2 - y');
    const show = (isHidden: boolean) =>
      visitor.page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await show(true);
    const { width, height } = visitor.page.viewport()!;
    await visitor.page.setViewport({ width: 390, height });
    await visitor.run('solve');
    await show(false);
    await visitor.page.setViewport({ width, height });
    expect(await visitor.table('solve')).toHaveLength(4);
  });

  it('data that no network can be fitted to', async () => {
    await visitor.follow('minima');
    await visitor.page.click('lps-minima [data-piece=follow]');
    const cases: [string, RegExp][] = [
      ['', /There are no data/],
      ['1, 2\n3, 4', /2 points are too few/],
      ['1, 2\n1, 3\n1, 4', /"x" is constant/],
      ['1, 2\n3, cat\n5, 6', /"cat"/],
    ];
    for (const [text, message] of cases) {
      await visitor.type('lps-minima [data-piece=data]', text);
      await visitor.run('minima');
      expect(await visitor.error('minima')).toMatch(message);
    }
    await visitor.type('lps-minima [data-piece=data]', 'a,b\n0,1\n1,2\n2,5\n3,3');
    await visitor.type('lps-minima [data-piece=lambda]', '-1');
    await visitor.run('minima');
    expect(await visitor.error('minima')).toMatch(/λ is "-1"/);
    await visitor.type('lps-minima [data-piece=lambda]', '0.1');
    await visitor.run('minima');
    expect(await visitor.text('lps-minima [data-piece=status]')).toMatch(/minima among/);
    // Fits of earlier data do not stay beside an error.
    const outcome = 'lps-minima [data-piece=outcome]:not([hidden])';
    expect(await visitor.page.$(outcome)).not.toBeNull();
    await visitor.type('lps-minima [data-piece=data]', 'a,b\n0,1\n1,2\n2,cat');
    await visitor.run('minima');
    expect(await visitor.page.$(outcome)).toBeNull();
  });

  it('a second run, a device that is lost in the middle, and a run after it', async () => {
    await visitor.follow('train');
    await visitor.type('lps-train [data-piece=network]', '64-nonsense-10');
    await visitor.run('train');
    expect(await visitor.error('train')).toMatch(/nonsense/);
    // As few kernels as it goes: a new device compiles them again.
    await visitor.type('lps-train [data-piece=data]', 'abs');
    await visitor.type('lps-train [data-piece=network]', '1-8-1');
    for (const method of ['lps', 'xavier', 'orthogonal'])
      await visitor.page.click(`lps-train input[value=${method}]`);
    await visitor.type('lps-train [data-piece=epochs]', '10000');
    await visitor.page.click('lps-train [data-piece=run]');
    await visitor.page.waitForFunction(() =>
      document.querySelector('lps-train [data-piece=status]')?.textContent.startsWith('Epoch'),
    );
    await visitor.follow('solve');
    await visitor.run('solve');
    expect(await visitor.error('solve')).toMatch(/^Train is still running: stop it there/);
    await visitor.follow('train');
    await visitor.loseDevice('train');
    await visitor.page.waitForSelector('.warning');
    expect(await visitor.text('.warning')).toMatch(/The GPU was lost \(destroyed\)/);
    await visitor.page.click('.warning button');
    expect(await visitor.page.$('.warning')).toBeNull();
    // The training goes on, and can be stopped.
    const before = await visitor.text('lps-train [data-piece=status]');
    await visitor.page.waitForFunction(
      (old) => document.querySelector('lps-train [data-piece=status]')?.textContent !== old,
      {},
      before,
    );
    await visitor.page.click('lps-train [data-piece=run]');
    await visitor.idle('train');
    expect(await visitor.text('lps-train [data-piece=status]')).toMatch(/^Stopped/);
    await visitor.type('lps-train [data-piece=epochs]', '2');
    await visitor.run('train');
    expect((await visitor.table('train')).map((row) => row.at(-1))).toEqual(['finished']);
  });

  it('a browser without WebGPU', async () => {
    const other = await Visitor.arrive('solve', { width: 1280, dark: false }, (page) =>
      page.evaluateOnNewDocument(() => {
        Object.defineProperty(navigator, 'gpu', { value: undefined });
      }),
    );
    expect(await other.text('.unavailable')).toMatch(/navigator.gpu is missing/);
    await other.run('solve');
    expect(await other.error('solve')).toMatch(/no WebGPU device/);
    expect(await other.flaws()).toEqual([]);
    await other.leave();
  });
});
