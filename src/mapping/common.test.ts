import { expect, test } from "vitest";
import { defineChannel, type Message, Type } from "../kit/index.ts";
import { conversation, now } from "./fixture-plugin.ts";
import { loadMapping } from "./mapping.ts";

const maybeText = Type.Optional(Type.String());
const payload = (more: object) =>
  Type.Object({ by: maybeText, mark: maybeText, ...more }, { additionalProperties: false });
const pigeon = defineChannel({
  name: "pigeon",
  summary: "Pigeons",
  config: Type.Object({}),
  receives: {},
  sends: Type.Union([payload({ note: Type.String() }), payload({ seed: Type.String() })]),
  create: () => ({}),
});

const load = (...files: string[]) =>
  loadMapping({
    channel: "birds",
    plugin: pigeon,
    options: {},
    files: files.map((text, index) => ({
      file: `${index}.yaml`,
      text: `channel: pigeon\n${text}`.replaceAll("$<", "${"),
    })),
    layouts: [],
    functions: [],
  });

const message = {
  ...{ id: "1", channel: "desk", conversation, sentAt: now, native: { id: "m1", kind: "x" } },
  ...{ from: { role: "agent", name: "Mai" }, kind: "text", text: "hi" },
} as Message;

const send = `
send:
  - id: text
    on: text
    emit: [{ note: a }, { note: b, by: the rule }]`;

test("common fields are put on every payload that is sent; a rule's own win", () => {
  const { mapping } = load(`common: { by: "$<? message.from.name }", mark: m }${send}`);
  expect(mapping?.send({ message, now }).out).toEqual([
    { note: "a", by: "Mai", mark: "m" },
    { note: "b", by: "the rule", mark: "m" },
  ]);
});

test("the first file's common fields win, and what they leave absent comes from the next", () => {
  const { mapping } = load(
    `common: { by: first, mark: "$<? message.from.id }" }`,
    `common: { by: second, mark: m }${send}`,
  );
  expect(mapping?.send({ message, now }).out[0]).toMatchObject({ by: "first", mark: "m" });
});

test("common fields know what every kind has, and nothing of one kind", () => {
  const { diagnostics } = load(`common: { by: "$< message.text }" }${send}`);
  expect(diagnostics).toMatchObject([{ code: "unknown-field", line: 2 }]);
});

test("common fields are those that every payload can hold", () => {
  const { diagnostics } = load(`common: { bye: x, seed: y }${send}`);
  expect(diagnostics).toMatchObject([
    { code: "unknown-output", line: 2, hint: expect.stringContaining('did you mean "by"?') },
    { code: "unknown-output", line: 2, column: 19 },
  ]);
});
