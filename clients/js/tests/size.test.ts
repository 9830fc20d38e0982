/** What the package weighs for who imports it: a kilobyte more is a decision, not an accident. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

test.each([
  { entries: ["index"], limit_bytes: 8 * 1024 },
  { entries: ["video"], limit_bytes: 6 * 1024 },
  { entries: ["replay"], limit_bytes: 3 * 1024 },
  { entries: ["index", "video", "replay"], limit_bytes: 12 * 1024 },
  // Shop pages of other people's making load it.
  { entries: ["../element/element"], limit_bytes: 3 * 1024 },
])("$entries weigh at most $limit_bytes bytes, minified and gzipped", async ({ entries, limit_bytes }) => {
  const bytes = await weight(entries);
  expect(bytes).toBeLessThanOrEqual(limit_bytes);
  // A bundle of nothing would be small, too.
  expect(bytes).toBeGreaterThan(limit_bytes / 4);
});

const ENTRY = "everything";

/** One bundle of all that the entries export. */
async function weight(entries: readonly string[]): Promise<number> {
  const everything = entries.map((name) => `export * from "${source(name)}";`).join("\n");
  const built = (await build({
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: ENTRY,
        enforce: "pre",
        // Vite makes a path of the entry's name.
        resolveId: (id) => (id.endsWith(ENTRY) ? ENTRY : null),
        load: (id) => (id === ENTRY ? everything : null),
      },
    ],
    build: {
      write: false,
      minify: true,
      lib: { entry: ENTRY, formats: ["es"] },
    },
  })) as Rolldown.RolldownOutput[];
  const code = built.flatMap(({ output }) => output).map((chunk) => ("code" in chunk ? chunk.code : ""));
  return gzipSync(code.join(""), { level: 9 }).length;
}

function source(name: string): string {
  return fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
}
