/**
 * What the host is having done: a button that was pressed is busy until the server answered, a
 * second press in between does nothing, and a failure is said in a sentence.
 */
import { signal, type ReadonlySignal } from "@preact/signals";

export interface Deeds {
  readonly doing: ReadonlySignal<ReadonlySet<string>>;
  /** Do `work` unless the deed `name` is already being done; answers whether it was done. */
  attempt(name: string, work: () => Promise<unknown>): Promise<boolean>;
}

export function deeds(failed: (error: unknown) => void): Deeds {
  const doing = signal<ReadonlySet<string>>(new Set());
  return {
    doing,
    async attempt(name, work) {
      if (doing.value.has(name)) return false;
      doing.value = new Set([...doing.value, name]);
      try {
        await work();
        return true;
      } catch (error) {
        failed(error);
        return false;
      } finally {
        doing.value = new Set([...doing.value].filter((other) => other !== name));
      }
    },
  };
}
