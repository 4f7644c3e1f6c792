/** The work of an enumeration, share by share, with the combinations screened on a GPU. */
import type { GpuDevice } from '../../gpu/index.js';
import { inSlices, type Stepwise } from '../../math/stepwise.js';
import { CombinationScreen, type ScreenedShare } from './combination-screen.js';
import { CombinationSearch, NO_COUNTS, type Candidate } from './combination-search.js';
import { keptOf, type DecidedShare, type SearchSetup } from './share-search.js';

export class ScreenedSearch {
  private constructor(
    private readonly setup: SearchSetup,
    private readonly search: CombinationSearch,
    private readonly screen: CombinationScreen,
  ) {}

  /**
   * @param setup of 2 to 4 units
   * @param room see CombinationScreen
   * @returns null when the numbers of the problem are out of f32's range
   */
  static async create(
    gpu: GpuDevice,
    setup: SearchSetup,
    room?: number,
  ): Promise<ScreenedSearch | null> {
    const search = new CombinationSearch(setup.problem, setup.units);
    const screen = await CombinationScreen.create(gpu, search.tables, setup.units, room);
    return screen && new ScreenedSearch(setup, search, screen);
  }

  /** @throws the signal's reason */
  async decide(first: number, signal?: AbortSignal): Promise<DecidedShare> {
    const screened = await this.screen.share(first, signal);
    return inSlices(this.decideKept(first, screened), signal);
  }

  close(): void {
    this.screen.close();
  }

  /** A combination a step. */
  private *decideKept(first: number, { counts, kept }: ScreenedShare): Stepwise<DecidedShare> {
    const sums = { ...NO_COUNTS, ...counts };
    const candidates: Candidate[] = [];
    for (const states of kept) {
      const decision = this.search.decideOne(states);
      if (typeof decision === 'string') {
        sums[decision]++;
      } else {
        sums.enclosed++;
        candidates.push(decision);
      }
      yield;
    }
    const { excluded, zeroUnit, outsideCell, fallsOff, enclosed } = sums;
    sums.combinations = excluded + zeroUnit + outsideCell + fallsOff + enclosed;
    sums.handedOver = kept.length;
    const { tables } = this.search;
    return { first, counts: sums, kept: yield* keptOf(this.setup.problem, tables, candidates) };
  }
}
