// `assets:` of gateway.yaml, as `sampan check` reads it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkConfig } from "../src/config/check.ts";
import { readConfig } from "../src/config/read.ts";
import { formatDiagnostic } from "../src/kit/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sampan-config-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const environment = { S3_ID: "the-access-key-id", S3_KEY: "the-secret-access-key" };
const noPlugins = {
  channels: new Map(),
  mappers: new Map(),
  createChannel: () => expect.fail("there is no channel"),
};

function check(assets: string, variables: Record<string, string> = environment) {
  const file = join(root, "gateway.yaml");
  writeFileSync(file, `channels: {}\nassets:\n${assets}`);
  const { draft, diagnostics } = readConfig(file, variables);
  const checked = draft && checkConfig(draft, noPlugins);
  const all = [...diagnostics, ...(checked?.diagnostics ?? [])];
  return { config: checked?.config, told: all.map(formatDiagnostic).join("\n\n") };
}

const s3 = (more = "") => `  s3:
    bucket: pictures
    accessKeyId: \${ env.S3_ID }
    secretAccessKey: \${ env.S3_KEY }
${more}`;

describe("assets in a bucket", () => {
  test("need a bucket and two keys; the rest has defaults", () => {
    const { config, told } = check(s3());
    expect(told).toBe("");
    expect(config?.assets).toEqual({
      folder: join(root, "data/assets"),
      retentionDays: 30,
      maxBytes: 200 * 1024 * 1024,
      s3: {
        bucket: "pictures",
        region: "us-east-1",
        prefix: "",
        accessKeyId: "the-access-key-id",
        secretAccessKey: "the-secret-access-key",
        pathStyle: false,
      },
    });
    expect(config?.secrets).toEqual(["the-access-key-id", "the-secret-access-key"]);
  });

  test("of a store with its own address have the bucket in the path, unless told otherwise", () => {
    const own = "    endpoint: http://minio:9000\n    prefix: sampan/\n";
    expect(check(s3(own)).config?.assets.s3).toMatchObject({ pathStyle: true, prefix: "sampan/" });
    expect(check(s3(`${own}    pathStyle: false\n`)).config?.assets.s3?.pathStyle).toBe(false);
  });

  test("with faults are told with their lines, and never with a key", () => {
    const { config, told } = check(
      s3("    endpont: x\n    prefix: no-slash\n    endpoint: minio\n"),
    );
    expect(config).toBeUndefined();
    for (const fault of [
      /gateway\.yaml:7:5.*\n?.*there is no "endpont" here/,
      /gateway\.yaml:8:13/,
      /gateway\.yaml:9:15/,
    ])
      expect(told).toMatch(fault);
    expect(told).toContain('did you mean "endpoint"?');
    const unset = check(s3(), {});
    expect([unset.config, unset.told]).toEqual([undefined, expect.stringContaining("S3_KEY")]);
    expect(told + unset.told).not.toMatch(/the-(access|secret)/);
    expect(check("  s3: { bucket: pictures }\n").told).toContain('"secretAccessKey" is missing');
  });
});
