/**
 * Work that is asked for more often than it needs doing: one run at a time, and a request during
 * a run or right after one leads to exactly one more.
 */
export interface Coalesced {
  ask(): void;
  /** Do nothing any more; a run that is under way ends by itself. */
  stop(): void;
}

/** `job` handles its own failures; its starts are at least `apart_ms` from one another. */
export function coalesced(job: () => Promise<void>, apart_ms: number): Coalesced {
  let state: "idle" | "resting" | "asked" | "stopped" = "idle";

  async function run(): Promise<void> {
    state = "resting";
    const rest = new Promise((resolve) => setTimeout(resolve, apart_ms));
    await Promise.all([job(), rest]);
    if (wanted()) return run();
    if (state === "resting") state = "idle";
  }

  // Read through a function: the compiler cannot see that `ask` runs during the wait.
  const wanted = () => state === "asked";

  return {
    ask() {
      if (state === "idle") void run();
      else if (state === "resting") state = "asked";
    },
    stop() {
      state = "stopped";
    },
  };
}
