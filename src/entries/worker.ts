/**
 * `lps-webgpu/worker`: what worker threads do, all kinds of work in one file without imports, lps-worker.js, so
 * that it starts from anywhere.
 */
import { workerScope } from '../gpu/worker-scope.js';
import * as certification from '../homotopy/certify/certify.js';
import { makeEndFinisher } from '../homotopy/solve/finish-ends.js';
import { Workshop, type WorkerReply, type WorkerRequest } from '../homotopy/track/workshop.js';
import { ShareSearch, type SearchSetup } from '../minima/relu/share-search.js';
import { LayerShares, type LayerProducts } from '../network/host/f32-layer.js';

const workshop = new Workshop({
  makeFinisher: (setup, engine) => makeEndFinisher(setup, engine, certification),
  makeShareMaker: (setup) => {
    const task = setup as SearchSetup | LayerProducts;
    return 'problem' in task ? new ShareSearch(task) : new LayerShares(task);
  },
});

workerScope.listen((data) => {
  const request = data as WorkerRequest;
  if (request.kind === 'load') workshop.load(request.key, request.setup);
  else if (request.kind === 'load finisher')
    workshop.loadFinisher(request.key, request.engine, request.setup);
  else if (request.kind === 'load share maker') workshop.loadShareMaker(request.key, request.setup);
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
