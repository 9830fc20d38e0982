/** What a phone fetches before it can draw a line of chat: a kilobyte more is a decision. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test, vi } from "vitest";

const LIMIT_BYTES = 60 * 1024;

test("the viewer's page draws its first line of chat with at most 60 KB of JavaScript, gzipped", async () => {
  const weight = before(await chunks(), "viewer").reduce(
    (sum, { code }) => sum + gzipSync(code, { level: 9 }).length,
    0,
  );
  expect(weight).toBeLessThanOrEqual(LIMIT_BYTES);
  // A page that fetches everything later would be small, too; and would draw nothing.
  expect(weight).toBeGreaterThan(LIMIT_BYTES / 2);
});

type Chunks = ReadonlyMap<string, Rolldown.OutputChunk>;

/** All the page's scripts, as they are published. */
async function chunks(): Promise<Chunks> {
  // Vitest says that it is testing, which would leave in what is for development.
  vi.stubEnv("NODE_ENV", "production");
  const { output } = (await build({
    configFile: fileURLToPath(new URL("../../vite.config.ts", import.meta.url)),
    logLevel: "error",
    mode: "production",
    build: { write: false },
  })) as Rolldown.RolldownOutput;
  return new Map(
    output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])),
  );
}

/** An entry and what it imports, directly or not; what it fetches later is not in it. */
function before(all: Chunks, entry: string): readonly Rolldown.OutputChunk[] {
  const entries = [...all.values()].filter(({ isEntry, name }) => isEntry && name === entry);
  const names = new Set(entries.map(({ fileName }) => fileName));
  for (const name of names) for (const next of all.get(name)?.imports ?? []) names.add(next);
  return [...names].flatMap((name) => all.get(name) ?? []);
}
