import { withDefaults } from "../../src/config/check-value.ts";
import { createFunctions, loadPlugins } from "../../src/registry.ts";
import { functionsPage } from "./functions.ts";
import { gatewayPage } from "./gateway.ts";
import { kindsPage } from "./kinds.ts";

const note = "<!-- Written by `npm run docs` from the code: change it there. -->";

/** The reference pages by file name under docs/. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  const registry = await loadPlugins({ folders: [], packages: [] });
  const functionsOf = (name: string) => {
    const plugin = registry.mappers.get(name);
    return plugin === undefined ? [] : createFunctions(plugin, withDefaults(plugin.config, {}));
  };
  const texts = {
    "functions.md": functionsPage(registry, functionsOf),
    "kinds.md": kindsPage(registry),
    "gateway.md": gatewayPage(registry),
  };
  return new Map(Object.entries(texts).map(([name, text]) => [name, `${note}\n\n${text}\n`]));
}
