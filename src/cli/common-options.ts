/** Options that every command has, and how values on the command line are read. */
import { InvalidArgumentError, Option, type Command } from 'commander';

export interface CommonOptions {
  readonly json: boolean;
  readonly seed: number;
  readonly adapter: 'hardware' | 'software';
}

/** Adds --json, --seed and --adapter to a command. */
export function addCommonOptions(command: Command): Command {
  return addAdapterOption(
    addJsonOption(command).option(
      '--seed <integer>',
      'the same seed gives the same paths everywhere',
      wholeNumber,
      1,
    ),
  );
}

export function addJsonOption(command: Command): Command {
  return command.option(
    '--json',
    'print one JSON document on standard output and nothing else there',
    false,
  );
}

export function addAdapterOption(command: Command): Command {
  return command.addOption(
    new Option('--adapter <kind>', 'which WebGPU adapter to prefer')
      .choices(['hardware', 'software'])
      .default('hardware'),
  );
}

/** An integer from 0 to 2^53 - 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Give a whole number from 0 to 2^53 - 1.');
  }
  return value;
}

/** An integer from 1 to 2^53 - 1. */
export function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('Give a whole number of at least 1.');
  return value;
}

/** A finite number. */
export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError('Give a finite number.');
  }
  return value;
}

/** Names separated by commas. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) {
    throw new InvalidArgumentError('Give names separated by commas, such as bmi,age.');
  }
  return names;
}

/** Those of some options that were given. */
export function chosen<Options extends object, Name extends keyof Options>(
  options: Options,
  names: readonly Name[],
): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}
