import { existsSync, readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "sucrase";
import * as kit from "../kit/index.ts";

type Import = (url: string) => Promise<Readonly<Record<string, unknown>>>;

const kitName = "sampan/kit";
const testingName = "sampan/kit/testing";
const importerName = "sampan:importer";
const scheme = "sampan-virtual:";
const hostKit = Symbol.for("sampan.kit");

let nativeImport: Import | undefined;

/**
 * Imports a plug-in's entry file, TypeScript or JavaScript, wherever it lies. `sampan/kit` means this
 * host's own kit, so a plug-in needs no node_modules and `instanceof SendError` holds on both sides.
 */
export function importPlugin(file: string): Promise<Readonly<Record<string, unknown>>> {
  nativeImport ??= install();
  return nativeImport(pathToFileURL(file).href);
}

function install(): Import {
  Reflect.set(globalThis, hostKit, kit);
  const virtual = new Map([
    [importerName, "export const load = (url) => import(url);"],
    [kitName, kitSource()],
  ]);
  registerHooks({
    resolve(specifier, context, next) {
      if (virtual.has(specifier)) {
        return { url: scheme + specifier, format: "module", shortCircuit: true };
      }
      if (specifier === testingName) return { url: testingUrl(), shortCircuit: true };
      try {
        return next(specifier, context);
      } catch (error) {
        const found = resolveAsTypeScript(specifier, context.parentURL ?? "", (other) =>
          next(other, context),
        );
        if (found === undefined) throw error;
        return found;
      }
    },
    load(url, context, next) {
      if (url.startsWith(scheme)) {
        const source = virtual.get(url.slice(scheme.length)) ?? "";
        return { format: "module", shortCircuit: true, source };
      }
      if (isTypeScript(url)) return { format: "module", shortCircuit: true, source: strip(url) };
      return next(url, context);
    },
  });
  // A virtual module is the one place where `import()` is Node's own under every host: a test
  // runner and a bundler rewrite those that they see in our sources.
  const loaded: { load: Import } = createRequire(process.execPath)(importerName);
  return loaded.load;
}

function kitSource(): string {
  const names = Object.keys(kit).map((name) => `export const ${name} = kit.${name};`);
  return [`const kit = globalThis[Symbol.for("sampan.kit")];`, ...names].join("\n");
}

function testingUrl(): string {
  const built = new URL("../kit/testing/index.js", import.meta.url);
  return (existsSync(built) ? built : new URL("../kit/testing/index.ts", import.meta.url)).href;
}

const isTypeScript = (url: string) =>
  /^file:.*\.m?ts($|\?)/.test(url) && !url.includes("/node_modules/");

function strip(url: string): string {
  const file = fileURLToPath(url.split("?", 1)[0] ?? url);
  return transform(readFileSync(file, "utf8"), {
    transforms: ["typescript"],
    disableESTransforms: true,
    preserveDynamicImport: true,
    filePath: file,
  }).code;
}

/** The habits of TypeScript: `./x.js` that is x.ts on disk, `./x`, `./folder`. Relative imports of .ts files only. */
function resolveAsTypeScript<T>(
  specifier: string,
  parent: string,
  resolve: (specifier: string) => T,
): T | undefined {
  if (!/^\.\.?\//.test(specifier) || !isTypeScript(parent)) return undefined;
  const others = [
    specifier.replace(/\.(m?)js$/, ".$1ts"),
    `${specifier}.ts`,
    `${specifier}.js`,
    `${specifier}/index.ts`,
    `${specifier}/index.js`,
  ];
  const found = others.find(
    (other) => other !== specifier && existsSync(new URL(other, parent.split("?", 1)[0])),
  );
  return found === undefined ? undefined : resolve(found);
}
