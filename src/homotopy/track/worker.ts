/**
 * Entry of a worker thread: follows batches of paths, searches start systems, counts solutions modulo a
 * prime. Bundled into one file without imports, lps-worker.js, so that it starts from anywhere.
 */
import { workerScope } from '#worker-scope';
import { Workshop, type WorkerReply, type WorkerRequest } from './workshop.js';

const workshop = new Workshop();

workerScope.listen((data) => {
  const request = data as WorkerRequest;
  if (request.kind === 'load') workshop.load(request.key, request.setup);
  else if (request.kind === 'unload') workshop.unload(request.key);
  else if (request.kind === 'work') {
    const { ticket, work } = request;
    try {
      const result = workshop.performAtOnce(work);
      const columns = Object.values(result ?? {}).filter((column) => ArrayBuffer.isView(column));
      const buffers = columns.map(({ buffer }) => buffer as ArrayBuffer);
      workerScope.postMessage({ ticket, result } satisfies WorkerReply, buffers);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      workerScope.postMessage({ ticket, error: message } satisfies WorkerReply);
    }
  }
});
