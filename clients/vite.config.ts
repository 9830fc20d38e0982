import { fileURLToPath } from "node:url";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

/** Here packages are their sources; elsewhere, what was built of them. */
const SOURCE = "@liveshop/source";

const server = process.env["LIVESHOP_DEV_SERVER"] ?? "http://127.0.0.1:8000";

/** The pages and the element are one bundle set, so that what they share is fetched once. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: [SOURCE, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [SOURCE, ...defaultServerConditions] } },
  build: {
    outDir: path("../live/pages/dist"),
    emptyOutDir: true,
    // The content security policy allows no data: scripts, and hashed files are cached for ever.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        viewer: path("index.html"),
        console: path("console.html"),
        embed: path("js/element/element.ts"),
      },
      // Shops write the element's address down; all else is asked for by a page of ours.
      output: {
        entryFileNames: ({ name }) => (name === "embed" ? "embed.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/shared-[hash].js",
      },
      preserveEntrySignatures: "exports-only",
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/sample": server,
      "/sandbox": server,
      "/whip": server,
      "/whep": server,
      "/hls": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: { include: ["*/tests/**/*.test.ts"] },
});

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
