import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** The package as it is published: modules for browsers and Node; what they share is fetched once. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: "es2023",
    minify: false,
    lib: {
      entry: {
        index: entry("src/index"),
        video: entry("src/video"),
        replay: entry("src/replay"),
        element: entry("element/element"),
        embed: entry("element/embed"),
      },
      formats: ["es"],
    },
    rolldownOptions: { output: { chunkFileNames: "shared-[hash].js" } },
  },
});

function entry(name: string): string {
  return fileURLToPath(new URL(`${name}.ts`, import.meta.url));
}
