import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import { SampanError } from "../../kit/index.ts";
import { didYouMean } from "../../template/suggest.ts";
import type { KindOfStart } from "./names.ts";
import { type Request, targetOf } from "./target.ts";
import { hasTemplates, template } from "./templates.ts";
import type { NewFile } from "./write.ts";

/** What is written, and what its author does next. Paths are relative to gateway.yaml. */
export interface Plan {
  readonly files: readonly NewFile[];
  /** Lines for gateway.yaml. */
  readonly settings: readonly string[];
  /** What `sampan test` is given. */
  readonly tested?: string;
  /** How the plug-in's contract is run. */
  readonly contract?: { readonly run: string; readonly file: string };
}

export const plans: Readonly<Record<KindOfStart, (request: Request) => Plan>> = {
  rule,
  layout,
  mapper,
  channel,
};

function rule(request: Request): Plan {
  const { name, on, registry } = request;
  const target = targetOf(request, ({ receives }) => Object.keys(receives).length > 0, "receive");
  const kinds = Object.keys(registry.channels.get(target.use)?.receives ?? {});
  if (on !== undefined && !kinds.includes(on)) {
    throw new SampanError("new.kind", `${target.use} receives no "${on}"`, {
      hint: didYouMean(on, kinds, "kinds"),
    });
  }
  const words = {
    sample: name,
    "the-channel": target.use,
    "the-kinds": kinds.join(", "),
    "the-kind": on ?? kinds[0] ?? "*",
  };
  return {
    files: [
      { path: `mappings/${free(name, request)}.yaml`, text: template("rule/rule.yaml", words) },
      { path: `mappings/${name}.test.yaml`, text: template("rule/rule.test.yaml", words) },
    ],
    settings: target.withLayer(`mappings/${name}.yaml`),
    tested: `mappings/${name}.test.yaml`,
  };
}

function layout(request: Request): Plan {
  const { name } = request;
  const target = targetOf(
    request,
    ({ name: use }) => hasTemplates(`layout/${use}`),
    "show layouts",
  );
  const words = { sample: name };
  const text = (file: string) => template(`layout/${target.use}/${file}`, words);
  return {
    files: [
      { path: `mappings/${free(name, request)}.yaml`, text: text("rules.yaml") },
      { path: `mappings/${name}.test.yaml`, text: text("rules.test.yaml") },
      { path: `mappings/${name}/${name}.yaml`, text: text("layout.yaml") },
    ],
    settings: target.withLayer(`mappings/${name}.yaml`),
    tested: `mappings/${name}.test.yaml`,
  };
}

function mapper(request: Request): Plan {
  const { name } = request;
  const { folder, settings } = pluginFolder(request);
  const code = codeOf("mapper", ["index.ts", "index.test.ts"], folder, request);
  return {
    files: code.files,
    settings: [...settings, "mappers:", `  ${name}: { sign: "*" }`],
    contract: code.contract,
  };
}

function channel(request: Request): Plan {
  const { name, draft } = request;
  const { folder, settings } = pluginFolder(request);
  const words = { sample: name };
  const upper = name.toUpperCase().replaceAll("-", "_");
  const other = Object.keys(draft.value.channels).at(-1) ?? "the-other-channel";
  const code = codeOf("channel", ["index.ts", "testing.ts", "index.test.ts"], folder, request);
  return {
    files: [
      ...code.files,
      { path: `mappings/${name}.yaml`, text: template("channel/rules.yaml", words) },
      { path: `mappings/${name}.test.yaml`, text: template("channel/rules.test.yaml", words) },
    ],
    settings: [
      ...settings,
      "channels:",
      `  ${name}:                       # the webhook is POST /webhooks/${name}`,
      `    use: ${name}`,
      "    with:",
      `      accessToken: \${ env.${upper}_ACCESS_TOKEN }`,
      `      secret: \${ env.${upper}_SECRET }`,
      "routes:",
      `  - connect: [${name}, ${other}]`,
    ],
    tested: `mappings/${name}.test.yaml`,
    contract: code.contract,
  };
}

/** A plug-in's files. Their tests are for the project's own runner, or for Node's. */
function codeOf(
  kind: "mapper" | "channel",
  names: readonly string[],
  folder: string,
  { name, draft }: Request,
) {
  const runner = isInstalled("vitest", draft.folder) ? "vitest" : "node:test";
  const files = names.map((file) => ({
    path: `${folder}/${name}/${file}`,
    text: template(`${kind}/${file}`, { sample: name, '"vitest"': `"${runner}"` }),
  }));
  const run = runner === "vitest" ? "npx vitest run" : "node --test";
  return { files, contract: { run, file: `${folder}/${name}/index.test.ts` } };
}

/** Where plug-ins of one's own lie, and the line that says so when there is none yet. */
function pluginFolder({ draft }: Request): { folder: string; settings: readonly string[] } {
  const own = draft.value.plugins.find(
    (entry) => typeof entry === "string" && !/^\.\.|^\//.test(entry),
  );
  if (typeof own === "string") return { folder: own.replace(/^\.\/|\/$/g, ""), settings: [] };
  const folder = draft.folder === packageRoot ? "my-plugins" : "plugins";
  const others = draft.value.plugins.map((entry) => JSON.stringify(entry));
  return { folder, settings: [`plugins: [${[folder, ...others].join(", ")}]`] };
}

/** A file called like a plug-in's rules would stand in for them. */
function free(name: string, { registry }: Request): string {
  if (!registry.channels.has(name)) return name;
  throw new SampanError("new.name", `mappings/${name}.yaml would replace the rules of ${name}`, {
    hint: `take another name, such as my-${name}`,
  });
}

function isInstalled(name: string, folder: string): boolean {
  const paths = createRequire(join(folder, "gateway.yaml")).resolve.paths(name) ?? [];
  return paths.some((path) => existsSync(join(path, name, "package.json")));
}
