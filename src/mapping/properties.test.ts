import fc from "fast-check";
import { expect, test } from "vitest";
import { type Message, SampanError } from "../kit/index.ts";
import { load, received } from "./fixture-plugin.ts";

const yaml = (text: string) => text.replaceAll("$<", "${");

const { mapping } = load(
  yaml(`
attributes: { who: "$<? from.id }" }
receive:
  - id: note
    on: note
    when: event.note.text.size() < 1000 || event.at > 5
    let: { q: parseQuery(event.note.text), n: event.at * 2 + 1 }
    emit:
      kind: text
      text:
        $join: ["$<? q.a }", "$< truncate(event.note.text, 5) }", "$< n } $< isoTime(event.at) }"]
  - id: press
    on: [press, place]
    emit: { kind: action, data: "$<? kind }" }
  - id: rest
    on: "*"
    emit: [{ $for: "x, i in default(event.list, [])", kind: other, summary: "$< i } $< x }" }]
send:
  - id: choices
    on: choices
    emit: [{ type: menu, items: [{ $for: c in message.choices, $if: present(c.label), label: "$< truncateUnits(c.label, 3) }" }] }]
`),
);

const odd = fc.oneof(
  fc.jsonValue(),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
);

const throwsOnlyKnown = (work: () => unknown) => {
  try {
    JSON.stringify(work());
  } catch (error) {
    expect(error).toBeInstanceOf(SampanError);
  }
};

test("whatever comes in, the engine throws nothing but its own errors and makes plain JSON", () => {
  expect(mapping).toBeDefined();
  const events = fc.oneof(
    odd,
    fc.record({ at: odd, note: fc.record({ text: odd }) }),
    fc.record({ at: fc.double(), note: fc.record({ text: fc.string({ unit: "binary" }) }) }),
    fc.record({ list: fc.array(odd) }),
  );
  fc.assert(
    fc.property(fc.constantFrom("note", "press", "place", "else"), events, (kind, event) => {
      throwsOnlyKnown(() => mapping?.receive(received(kind, event)));
    }),
    { numRuns: 1000 },
  );
  const message = fc.record({
    kind: fc.constant("choices"),
    choices: fc.oneof(odd, fc.array(odd)),
  });
  fc.assert(
    fc.property(message, (each) => {
      throwsOnlyKnown(() => mapping?.send({ message: each as unknown as Message, now: "now" }));
    }),
    { numRuns: 500 },
  );
});

test("whatever stands in a mapping file, loading reports it and does not throw", () => {
  const scraps = fc.constantFrom(
    ...[
      "receive:",
      "send:",
      "\n  - ",
      "id: a",
      ", on: note",
      "emit: ",
      "$< ",
      "}",
      "{",
      "[",
      "]",
      ": ",
      "event",
      ".",
    ],
    ...[
      "note",
      "(",
      ")",
      '"',
      "'",
      "&a ",
      "*a",
      "<<: ",
      "$for: ",
      "x in ",
      "\n",
      "  ",
      "|-\n",
      "?",
      "1",
      "let: ",
      "#",
    ],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(scraps, fc.string()), { maxLength: 40 }), (parts) => {
      const { diagnostics } = load(yaml(parts.join("")));
      for (const { line, column } of diagnostics) {
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
});
