/** How long something takes, by the wall clock and by the CPU clock of this process with all its threads. */

/** CPU seconds of this process since `begin` (a process.cpuUsage()). */
export function cpuSeconds(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/** Seconds by both clocks. */
export interface Clocks {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a job by both clocks. */
export async function clocked<Result>(
  job: () => Promise<Result>,
): Promise<Clocks & { readonly result: Result }> {
  const begin = process.cpuUsage();
  const wallBegin = performance.now();
  const result = await job();
  return { result, wall: (performance.now() - wallBegin) / 1000, cpu: cpuSeconds(begin) };
}
