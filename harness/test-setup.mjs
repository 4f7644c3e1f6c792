/** Before tests on dist/: what they run on is installed and built, also when vitest is called directly. */
import { ensureSetup } from './setup.mjs';

export default async function setup() {
  await ensureSetup();
}
