import { readFileSync } from "node:fs";
import { join } from "node:path";
import flex from "../../plugins/flex/index.ts";
import line from "../../plugins/line/index.ts";
import location from "../../plugins/location/index.ts";
import sticker from "../../plugins/sticker/index.ts";
import text from "../../plugins/text/index.ts";
import { formatDiagnostic } from "../../src/kit/index.ts";
import { loadMapping, type Mapping } from "../../src/mapping/mapping.ts";
import { channel } from "./cases.ts";

const folder = join(import.meta.dirname, "../../mappings");
const functions = [
  { plugin: "text", functions: text.create({}) },
  { plugin: "sticker", functions: sticker.create({}) },
  { plugin: "flex", functions: flex.create({}) },
  { plugin: "location", functions: location.create({ provider: "google" }) },
];

/** The rules for LINE as they are shipped, checks of what they make included. */
export function shippedRules(): Mapping {
  return compiled(
    readFileSync(join(folder, "line.yaml"), "utf8"),
    readFileSync(join(folder, "flex/receipt.yaml"), "utf8"),
  );
}

/** So many rules like the shipped one for stickers, which never take anything, before one that does. */
export function manyRules(count: number): Mapping {
  const rules = Array.from(
    { length: count },
    (_, i) => `
  - id: sticker-${i}
    on: message.sticker
    when: event.message.stickerId == "${i}"
    let: { m: event.message }
    emit:
      kind: sticker
      pack: \${? m.packageId }
      sticker: \${ m.stickerId }
      animated: \${ default(m.stickerResourceType, "STATIC").startsWith("ANIMATION") }
      words: \${? m.keywords }
      image: { url: '\${ sticker.picture(m.stickerId, "STATIC") }', type: image/png }`,
  );
  return compiled(`channel: line\nreceive:${rules.join("")}\n`);
}

function compiled(rules: string, ...layouts: string[]): Mapping {
  const { mapping, diagnostics } = loadMapping({
    channel: channel.id,
    plugin: line,
    options: channel.options,
    files: [{ file: "rules.yaml", text: rules }],
    layouts: layouts.map((each, index) => ({ file: `layout-${index}.yaml`, text: each })),
    functions,
  });
  if (mapping === undefined) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return mapping;
}
