import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const kit = (path: string) => fileURLToPath(new URL(`src/kit/${path}`, import.meta.url));

export default defineConfig({
  // The package's own name, as plug-ins write it, means the sources here and not the build.
  resolve: {
    alias: [
      { find: /^sampan\/kit\/testing$/, replacement: kit("testing/index.ts") },
      { find: /^sampan\/kit$/, replacement: kit("index.ts") },
    ],
  },
  test: {
    include: ["{src,plugins,test,examples}/**/*.test.ts"],
    // Files run in the same few processes, one after the other: loading the house anew for each took half of the time.
    isolate: false,
    // Many tests wait for a child or a pause: one more than there are cores.
    maxWorkers: availableParallelism() + 1,
    // Slow is no failure: a machine may have other things to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
