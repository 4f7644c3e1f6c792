/**
 * The embedded browser: @sparticuz/chromium, an npm package that carries Chromium, its shared
 * libraries and SwiftShader (a software Vulkan driver) for Linux x64.
 *
 * It serves twice. As a browser it runs the headless pages; and its SwiftShader, linked under the
 * name of the Vulkan loader, gives Dawn (Node) and Deno an adapter on a machine without any Vulkan.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError, cacheFolder, root, say } from './paths.mjs';

const require = createRequire(join(root, 'package.json'));

/** Whether the embedded browser can run here at all. */
export const embeddedSupported = process.platform === 'linux' && process.arch === 'x64';

/**
 * Unpacks the embedded browser once and returns its folders.
 * @returns {{ browser: string, environment: Record<string, string>, vulkanFolder: string }}
 *   `vulkanFolder` holds SwiftShader as libvulkan.so.1, ready for LD_LIBRARY_PATH.
 * @throws {SetupError} on another platform, or when the package is absent or cannot be unpacked.
 */
export function ensureEmbedded() {
  if (!embeddedSupported)
    throw new SetupError(
      `no embedded browser for ${process.platform} ${process.arch}: install Chrome or Chromium, or set PUPPETEER_EXECUTABLE_PATH`,
    );
  let entry;
  try {
    entry = require.resolve('@sparticuz/chromium');
  } catch {
    throw new SetupError(
      'the package @sparticuz/chromium is not installed: run npm install @sparticuz/chromium',
    );
  }
  const { version } = JSON.parse(readFileSync(packageFile(entry), 'utf8'));
  const folder = join(cacheFolder, `chromium-${version}`);
  if (!existsSync(folder)) unpack(folder);
  const libraries = join(folder, 'al2023', 'lib');
  const environment = { LD_LIBRARY_PATH: prepend(libraries, process.env.LD_LIBRARY_PATH) };
  if (!existsSync('/etc/fonts')) environment.FONTCONFIG_PATH = join(folder, 'fonts');
  return { browser: join(folder, 'chromium'), environment, vulkanFolder: join(folder, 'vulkan') };
}

/** Puts `folder` first in a search path such as LD_LIBRARY_PATH. */
export function prepend(folder, path) {
  return path ? `${folder}:${path}` : folder;
}

function packageFile(entry) {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === '@sparticuz/chromium')
      return file;
  }
  throw new SetupError(`@sparticuz/chromium at ${entry} has no package.json: run npm ci`);
}

function unpack(folder) {
  say('unpacking the embedded Chromium with its software graphics driver (a few seconds)');
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  // The package unpacks into the temporary folder, and its shared libraries only on AWS Lambda:
  // a child process gets both settings without changing ours.
  const entry = pathToFileURL(require.resolve('@sparticuz/chromium')).href;
  const script = `const { default: chromium } = await import(${JSON.stringify(entry)}); await (chromium.default ?? chromium).executablePath();`;
  const result = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
    encoding: 'utf8',
  });
  if (result.status !== 0 || !existsSync(join(partial, 'libvk_swiftshader.so'))) {
    rmSync(partial, { recursive: true, force: true });
    throw new SetupError(
      `the embedded Chromium could not be unpacked into ${cacheFolder}: ${result.stderr.trim()}`,
    );
  }
  mkdirSync(join(partial, 'vulkan'));
  symlinkSync(join('..', 'libvk_swiftshader.so'), join(partial, 'vulkan', 'libvulkan.so.1'));
  try {
    renameSync(partial, folder);
  } catch (error) {
    // Another set-up was faster: its copy is as good as ours.
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
