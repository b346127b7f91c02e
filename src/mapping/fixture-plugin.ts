import { type Conversation, defineChannel, type Sender, Type } from "../kit/index.ts";
import { type LoadedMapping, loadMapping, type MappingRequest } from "./mapping.ts";

/** A messenger that does not exist, for the tests beside this file. */

const text = () => Type.String();
const maybeText = () => Type.Optional(Type.String());

export const pigeon = defineChannel({
  name: "pigeon",
  summary: "Carries notes",
  config: Type.Object({
    key: Type.String({ secret: true }),
    greeting: Type.String({ default: "Hello" }),
  }),
  receives: {
    note: Type.Object({
      at: Type.Number(),
      note: Type.Object({ text: text(), title: maybeText() }),
    }),
    place: Type.Object({
      place: Type.Object({ title: maybeText(), latitude: Type.Number(), longitude: Type.Number() }),
    }),
    press: Type.Object({ data: text(), tags: Type.Optional(Type.Array(Type.String())) }),
  },
  sends: Type.Union([
    Type.Object(
      {
        type: Type.Literal("note"),
        text: Type.String({ maxLength: 20 }),
        bold: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
    Type.Object({
      type: Type.Literal("menu"),
      items: Type.Array(Type.Object({ label: text(), data: maybeText() })),
    }),
  ]),
  create: () => ({}),
});

const functions: MappingRequest["functions"] = [
  {
    plugin: "location",
    functions: [
      {
        signature: "location.link(double, double): string",
        doc: "A link to a map",
        handler: (latitude: number, longitude: number) =>
          `https://map.example/${latitude},${longitude}`,
      },
      {
        signature: "location.fail(string): string",
        doc: "Always fails",
        handler: (value: string) => {
          throw new RangeError(`cannot read ${value}`);
        },
      },
      {
        signature: "location.parsed(string): map",
        doc: "Reads JSON",
        handler: (json: string) => JSON.parse(json) as unknown,
      },
      { signature: "location.weigh(list): int", doc: "Always 1", handler: () => 1 },
      { signature: "location.count(list<string>, int): int", doc: "Counts", handler: countTo },
    ],
  },
];

function countTo(list: readonly string[], most: number): number {
  return Math.min(list.length, most);
}

/** Loads one mapping file, and layouts, for the pigeon. */
export function load(text: string, ...layouts: string[]): LoadedMapping {
  return loadMapping({
    channel: "coop",
    plugin: pigeon,
    options: { greeting: "Hello" },
    files: [{ file: "pigeon.yaml", text }],
    layouts: layouts.map((layout, index) => ({ file: `layout-${index}.yaml`, text: layout })),
    functions,
  });
}

export const from: Sender = { id: "U1", role: "customer" };
export const conversation: Conversation = { id: "U1", type: "person" };
export const now = "2026-01-02T03:04:05Z";

/** A native event of the pigeon with its circumstances. */
export const received = (kind: string, event: unknown) => ({
  ...{ kind, event, profile: {}, from, conversation, now },
});
