/**
 * Makes sure that Dawn (the WebGPU of Node) finds an adapter.
 *
 * A machine with its own working Vulkan, Metal or Direct3D is left alone. Otherwise SwiftShader is
 * linked as libvulkan.so.1 beside dawn.node: Dawn searches its own folder before the system's
 * (tried with webgpu 0.6.2), so no LD_LIBRARY_PATH and no second process are needed. When drivers
 * are installed or removed later the link is taken away and the machine asked again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { embeddedSupported, ensureEmbedded, prepend } from './embedded.mjs';
import { SetupError, readRecord, root, say, writeRecord } from './paths.mjs';

const require = createRequire(join(root, 'package.json'));

/** Folders whose contents change when a graphics driver comes or goes. */
const driverFolders = [
  '/usr/share/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  '/dev/dri',
];
const driverFiles = [
  '/dev/nvidia0',
  '/dev/dxg',
  '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  '/usr/lib64/libvulkan.so.1',
  '/usr/lib/libvulkan.so.1',
];

/** A text that changes when the machine's graphics drivers do. */
export function driverFingerprint() {
  const listed = driverFolders.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).sort() : [],
  );
  return JSON.stringify([
    listed,
    driverFiles.filter((file) => existsSync(file)),
    process.env.VK_DRIVER_FILES,
    process.env.VK_ICD_FILENAMES,
    process.env.LD_LIBRARY_PATH,
  ]);
}

/**
 * @returns {{ adapter: string, software: boolean, environment: Record<string, string> }} what Dawn
 *   finds, and the environment Deno needs to find the same kind of adapter.
 * @throws {SetupError} when there is no adapter and none can be provided.
 */
export function ensureVulkan() {
  const dawn = require.resolve('webgpu');
  const linkFolder = join(dirname(dawn), 'dist', `${process.platform}-${process.arch}`);
  const link = join(linkFolder, 'libvulkan.so.1');
  const fingerprint = driverFingerprint();
  const known = readRecord().vulkan;
  if (
    known?.fingerprint === fingerprint &&
    known.link === (known.linked ? link : null) &&
    known.linked === isLink(link)
  )
    return known;

  rmSync(link, { force: true });
  let adapter = askDawn(dawn);
  let environment = {};
  let linked = false;
  if (!adapter) {
    if (!embeddedSupported)
      throw new SetupError(
        `no WebGPU adapter on ${process.platform} ${process.arch}: install a Vulkan driver`,
      );
    const { vulkanFolder } = ensureEmbedded();
    say('no graphics adapter found: using the embedded software adapter (SwiftShader)');
    try {
      symlinkSync(join(vulkanFolder, 'libvulkan.so.1'), link);
    } catch (error) {
      if (error.code !== 'EEXIST')
        throw new SetupError(
          `cannot write ${link} (${error.code}): install a Vulkan driver such as mesa-vulkan-drivers, or set LD_LIBRARY_PATH=${vulkanFolder}`,
        );
    }
    adapter = askDawn(dawn);
    if (!adapter) {
      rmSync(link, { force: true });
      throw new SetupError(
        'Dawn finds no adapter, not even the embedded SwiftShader: install a Vulkan driver',
      );
    }
    linked = true;
    environment = { LD_LIBRARY_PATH: prepend(vulkanFolder, process.env.LD_LIBRARY_PATH) };
  }
  const vulkan = { fingerprint, linked, link: linked ? link : null, environment, ...adapter };
  writeRecord({ vulkan });
  say(`Node's adapter: ${adapter.adapter}${adapter.software ? ' (software)' : ''}`);
  return vulkan;
}

function isLink(path) {
  try {
    return lstatSync(path).isSymbolicLink() && existsSync(path);
  } catch {
    return false;
  }
}

/** Asks in a child process, because Dawn looks for drivers only once in a process. */
function askDawn(dawn) {
  const script = `
    const { create } = await import(${JSON.stringify(pathToFileURL(dawn).href)});
    const gpu = create([]);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }) ?? await gpu.requestAdapter();
    const info = adapter?.info;
    process.stdout.write(JSON.stringify(info ? { adapter: info.description || info.vendor, software: info.isFallbackAdapter } : null));
    process.exit(0);`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    {
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  if (status !== 0)
    throw new SetupError(`Dawn could not be started: ${stderr.trim() || `exit code ${status}`}`);
  return JSON.parse(stdout);
}
