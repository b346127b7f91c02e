import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../src/cli/main.ts";

/** Percent of the branches that must run, where it is not all of them yet. May only grow. */
const least: Readonly<Record<string, number>> = { "genesys.yaml": 75, "line.yaml": 70 };

interface Covered {
  readonly file: string;
  readonly rules: { covered: number; total: number };
  readonly branches: { covered: number; total: number };
  readonly missing: readonly object[];
}

test.each([
  ["mappings", 8],
  ["examples/attribute/mappings", 1],
  ["examples/flex-layout/mappings", 1],
  ["examples/location-text/mappings", 1],
])(
  "the tests in %s reach every rule, and every branch that is asked for",
  async (folder, files) => {
    const out: string[] = [];
    const terminal = {
      ...{ environment: {}, now: () => 0, err() {} },
      out: (text: string) => void out.push(text),
    };
    const config = join(folder, "no-gateway.yaml");
    await main(["test", folder, "--coverage", "--json", "--config", config], terminal);
    const { ok, coverage } = JSON.parse(out.join("\n")) as { ok: boolean; coverage: Covered[] };
    expect(ok).toBe(true);
    expect(coverage).toHaveLength(files);
    for (const { file, rules, branches, missing } of coverage) {
      expect({ file, rules: rules.covered }).toEqual({ file, rules: rules.total });
      const percent = least[basename(file)];
      if (percent === undefined) expect({ file, missing }).toEqual({ file, missing: [] });
      else expect((branches.covered / branches.total) * 100).toBeGreaterThanOrEqual(percent);
    }
  },
);
