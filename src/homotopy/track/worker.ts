/**
 * Entry of a worker thread of the f64 tier: keeps one engine per structure and follows batches, or
 * counts solutions modulo a prime.
 */
import { platform } from '#platform';
import { countModulo } from '../../polynomial/exact-count/exact-count.js';
import { F64Engine } from './engine.js';
import type { WorkerReply, WorkerRequest } from './pool.js';

const scope = platform.workerScope();
const engines = new Map<number, F64Engine>();

scope.onMessage((data) => {
  const request = data as WorkerRequest;
  if (request.kind === 'load') engines.set(request.key, new F64Engine(request.setup));
  else if (request.kind === 'unload') engines.delete(request.key);
  else {
    const { ticket } = request;
    try {
      if (request.kind === 'count') {
        const result = countModulo(request.system, request.limits);
        scope.postMessage({ ticket, result } satisfies WorkerReply);
        return;
      }
      const batch = engines.get(request.key)!.follow(request.job);
      scope.postMessage({ ticket, result: batch } satisfies WorkerReply, [
        batch.points.buffer,
        batch.s.buffer,
        batch.pivotRatios.buffer,
        batch.crossings.buffer,
        batch.loopStarts.buffer,
      ]);
    } catch (error) {
      scope.postMessage({
        ticket,
        error: error instanceof Error ? error.message : String(error),
      } satisfies WorkerReply);
    }
  }
});
