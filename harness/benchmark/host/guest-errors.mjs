/** How guests fail. */

/** The guest went away (killed, crashed): another one may be started. */
export class GuestLostError extends Error {
  name = 'GuestLostError';
}

/** What a benchmark cannot start with; the message says what to change. Exit code 2. */
export class BenchmarkUsageError extends Error {
  name = 'BenchmarkUsageError';
}
