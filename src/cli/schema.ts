import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { withDefaults } from "../config/check-value.ts";
import { readConfig } from "../config/read.ts";
import { mapperFunctions } from "../project.ts";
import { loadPlugins } from "../registry.ts";
import { gatewaySchema } from "../schemas/gateway.ts";
import { layoutSchema, rulesSchema } from "../schemas/rules.ts";
import { testsSchema } from "../schemas/tests.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface SchemaOptions {
  readonly config: string;
  /** The folder that they are written to. */
  readonly out: string;
}

/** `sampan schema`: writes JSON Schemas for the files that people edit, with the plug-ins that gateway.yaml names. */
export async function writeSchemas(options: SchemaOptions, terminal: Terminal): Promise<ExitCode> {
  // Faults do not matter here: an editor with the schemas shows them.
  const { draft, rest } = readConfig(options.config, terminal.environment);
  const { plugins, folder } = draft ?? rest ?? {};
  const registry = await loadPlugins({
    folders: plugins?.folders ?? [],
    packages: plugins?.packages ?? [],
    ...(folder !== undefined && { from: folder }),
  });
  const standard = [...registry.mappers].map(([name, { config }]) => [
    name,
    withDefaults(config, {}),
  ]);
  const functions = mapperFunctions(registry, Object.fromEntries(standard));
  const schemas = {
    gateway: gatewaySchema(registry),
    rules: rulesSchema(registry, functions),
    layout: layoutSchema(registry),
    tests: testsSchema(registry),
  };
  mkdirSync(options.out, { recursive: true });
  for (const [name, schema] of Object.entries(schemas)) {
    const $schema = "http://json-schema.org/draft-07/schema#";
    const file = join(options.out, `${name}.schema.json`);
    writeFileSync(file, `${JSON.stringify({ $schema, ...schema }, null, 2)}\n`);
    terminal.out(`${file}`);
  }
  const shown = relative(process.cwd(), join(options.out, "gateway.schema.json"));
  terminal.out(
    `\nThe first line of a file tells an editor its schema:\n# yaml-language-server: $schema=${shown}`,
  );
  return 0;
}
