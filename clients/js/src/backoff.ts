/**
 * How long to wait before trying again: full jitter, so that a thousand clients who lost the same
 * server do not come back in the same second.
 *
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */

/** The shortest wait: enough for a restarting server to be listening. */
export const SHORTEST_MS = 500;

/** The longest wait: a person looks away after it. */
export const LONGEST_MS = 20_000;

/**
 * The wait before attempt number `attempt` (0 is the first try after a loss).
 *
 * `random` is in [0, 1). The server knows better: never shorter than its `hint_ms`.
 */
export function backoff(attempt: number, random: number, hint_ms = 0): number {
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (attempt + 1));
  const jittered = SHORTEST_MS + random * (ceiling - SHORTEST_MS);
  return Math.round(Math.max(jittered, hint_ms + random * SHORTEST_MS));
}
