// `npm run docs`: writes the reference pages anew.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "./pages.ts";

for (const [name, text] of await pages()) {
  writeFileSync(join(import.meta.dirname, "..", name), text);
}
