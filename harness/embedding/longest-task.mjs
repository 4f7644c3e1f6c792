/** Reads traces of Chromium: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU */

/**
 * The task of the page's main thread, between the marks "begin" and "end", that took longest.
 *
 * @returns {{ processor: number, clock: number, event: object }} both longest times in ms, of different tasks perhaps,
 *   and the event of the one that took most processor time
 */
export function longestTask(events) {
  const mark = (name) =>
    events.find((event) => event.name === name && event.cat.includes('user_timing'));
  const [begin, end] = [mark('begin'), mark('end')];
  const tasks = events.filter(
    ({ name, ph, pid, tid, ts }) =>
      name === 'RunTask' &&
      ph === 'X' &&
      pid === begin.pid &&
      tid === begin.tid &&
      ts >= begin.ts &&
      ts <= end.ts,
  );
  const event = tasks.reduce((worst, task) => (task.tdur > worst.tdur ? task : worst));
  return {
    processor: event.tdur / 1000,
    clock: Math.max(...tasks.map(({ dur }) => dur)) / 1000,
    event,
  };
}

/** Where the thread was during a task, from the profiler's samples: the call stacks' functions with their ms. */
export function functionsIn(events, { event }) {
  const nodes = new Map();
  const own = new Map();
  const within = new Map();
  const profiles = events.filter(({ name }) => name === 'Profile' || name === 'ProfileChunk');
  const start = profiles.find(
    ({ name, pid, tid }) => name === 'Profile' && pid === event.pid && tid === event.tid,
  );
  if (!start) return ['no profile'];
  let time = start.args.data.startTime;
  for (const { name, pid, id, args } of profiles) {
    if (name !== 'ProfileChunk' || pid !== event.pid || id !== start.id) continue;
    const { cpuProfile = {}, timeDeltas = [] } = args.data;
    for (const node of cpuProfile.nodes ?? []) nodes.set(node.id, node);
    (cpuProfile.samples ?? []).forEach((sample, k) => {
      const delta = timeDeltas[k];
      time += delta;
      if (time < event.ts || time > event.ts + event.dur) return;
      const seen = new Set();
      for (let node = nodes.get(sample); node; node = nodes.get(node.parent)) {
        const { functionName, url = '', lineNumber = 0 } = node.callFrame;
        const label = `${functionName || '(anonymous)'} ${url.split('/').at(-1)}:${lineNumber + 1}`;
        if (seen.size === 0) own.set(label, (own.get(label) ?? 0) + delta);
        if (!seen.has(label)) within.set(label, (within.get(label) ?? 0) + delta);
        seen.add(label);
      }
    });
  }
  return [...within]
    .filter(([label]) => !/^\((root|program|idle)\)/.test(label))
    .sort((a, b) => b[1] - a[1])
    .slice(0, 25)
    .map(
      ([label, total]) =>
        `${(total / 1000).toFixed(1).padStart(7)} ms, own ${((own.get(label) ?? 0) / 1000).toFixed(1)}: ${label}`,
    );
}
