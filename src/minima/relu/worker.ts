/** Entry of a thread of the enumeration: takes first states, gives back their shares. */
import { platform } from '#platform';
import { ShareSearch, type SearchReply, type SearchSetup } from './search-combinations.js';

const scope = platform.workerScope();
let search: ShareSearch | null = null;

scope.onMessage((data) => {
  try {
    if (typeof data === 'number') {
      scope.postMessage({ share: search!.decide(data) } satisfies SearchReply);
    } else {
      search = new ShareSearch(data as SearchSetup);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    scope.postMessage({ error: text } satisfies SearchReply);
  }
});
