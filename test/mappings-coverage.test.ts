import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../src/cli/main.ts";

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
])("the tests in %s reach every rule and every branch", async (folder, files) => {
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
  for (const { file, rules, missing } of coverage) {
    expect({ file, rules: rules.covered }).toEqual({ file, rules: rules.total });
    expect({ file, missing }).toEqual({ file, missing: [] });
  }
});
