import { describe, expect, test } from "vitest";
import { defineChannel, formatDiagnostic, Type } from "../kit/index.ts";
import { loadMapping } from "./mapping.ts";

const closed = { additionalProperties: false };

/** A messenger that takes short labels, few buttons and small pages. */
const narrow = defineChannel({
  name: "narrow",
  summary: "Takes little",
  config: Type.Object({}),
  receives: {},
  sends: Type.Object(
    {
      label: Type.Optional(Type.String({ maxGraphemes: 20 })),
      data: Type.Optional(Type.String({ maxUnits: 30 })),
      items: Type.Optional(
        Type.Array(Type.Object({ label: Type.String({ maxGraphemes: 20 }) }, closed), {
          minItems: 1,
          maxItems: 3,
        }),
      ),
      page: Type.Optional(Type.Object({ body: Type.String() }, { ...closed, maxBytes: 100 })),
    },
    closed,
  ),
  create: () => ({}),
});

/** The findings of one send rule with these lines under `emit:`. */
function findings(emit: string, more = "", on = "choices") {
  const indented = emit
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
  const text = `send:\n  - id: a\n    on: ${on}\n${more}    emit:\n${indented}\n`;
  const files = [{ file: "narrow.yaml", text: text.replaceAll("$<", "${") }];
  return loadMapping({
    channel: "n",
    plugin: narrow,
    options: {},
    files,
    layouts: [],
    functions: [],
  }).diagnostics;
}
const brief = (emit: string, more = "", on = "choices") =>
  findings(emit, more, on).map(({ severity, code, message }) => `${severity} ${code}: ${message}`);

describe("texts", () => {
  test("one that is too long as it stands is an error, counted as a person counts", () => {
    expect(brief('label: "นี่คือข้อความที่ยาวมากเกินไปสำหรับปุ่ม"')).toEqual([
      expect.stringMatching(/^error too-long: the text has \d+, the target takes 20 characters$/),
    ]);
    expect(brief(`label: "${"👨‍👩‍👧‍👦".repeat(20)}"`)).toEqual([]);
  });

  test("one that an expression can make too long is a warning, with what happens then", () => {
    const [finding] = findings("label: $< message.text }");
    expect(finding && formatDiagnostic(finding).replaceAll("${", "$<")).toBe(
      [
        "narrow.yaml:5:14: warning[may-be-too-long] the text can be of any length, the target takes 20 characters",
        " 5 |       label: $< message.text }",
        "   |              ^^^^^^^^^^^^^^^^^",
        "  = hint: write truncate(…, 20); otherwise the message (choices) is sent in its plainer form (text)",
      ].join("\n"),
    );
  });

  test.each([
    ["label: $< truncate(message.text, 20) }"],
    ["label: '#$< truncate(message.text, 19) }'"],
    ['label: \'$< size(message.choices) > 3 ? "many" : "few" }\''],
    ["data: $< size(message.choices) }"],
    ["label: { $join: ['$< truncate(message.text, 9) }', '$< truncate(message.text, 10) }'] }"],
    ["{ $if: 'truncate(message.text, 20) == message.text', label: '$< message.text }' }"],
  ])("%s cannot get too long", (emit) => {
    expect(brief(emit)).toEqual([]);
  });

  test.each([
    ["label: $< truncate(message.text, 21) }", "can have 21"],
    ["label: 'Nr. $< truncate(message.text, 19) }'", "can have 23"],
    [
      "label: { $join: ['$< truncate(message.text, 10) }', '$< truncate(message.text, 10) }'] }",
      "can have 21",
    ],
    [
      "label: { $first: [{ $if: 'size(message.choices) > 1', $value: '$< message.text }' }, few] }",
      "any length",
    ],
  ])("%s can", (emit, says) => {
    expect(brief(emit)).toEqual([expect.stringContaining(says)]);
  });

  test("a message without a plainer form would fail, and the hint says so", () => {
    expect(findings("data: $< message.text }", "", "text")[0]?.hint).toBe(
      "write truncateUnits(…, 30); otherwise the message (text) fails and becomes a dead letter",
    );
  });
});

describe("lists", () => {
  test("more items than the target takes, as they stand", () => {
    expect(brief("items: [{ label: a }, { label: b }, { label: c }, { label: d }]")).toEqual([
      "error too-many: the list has 4, the target takes 3 items",
    ]);
    expect(brief("items: []")).toEqual([
      "error too-few: the list has 0 items, the target wants at least 1",
    ]);
  });

  const loop = (list: string, more = "") =>
    `items: [{ $for: c in ${list}, ${more} label: "$< truncate(c.label, 20) }" }]`;

  test("a loop over a list of any length", () => {
    expect(brief(loop("message.choices"))).toEqual([
      "warning may-be-too-many: the list can have any number of items, the target takes 3 items",
    ]);
  });

  test.each([
    [loop("message.choices.take(3)"), ""],
    [loop("message.choices", "$max: 3,"), ""],
    [loop("message.choices"), "    when: size(message.choices) <= 3\n"],
    [loop("some"), "    let: { some: message.choices.take(2) }\n"],
  ])("%s %s is never too long", (emit, more) => {
    expect(brief(emit, more)).toEqual([]);
  });
});

test("a page whose words alone weigh too much", () => {
  expect(brief(`page: { body: "${"é".repeat(60)}" }`)).toEqual([
    expect.stringMatching(
      /^error too-large: this takes \d+ bytes at least, the target takes 100 bytes$/,
    ),
  ]);
  expect(brief(`page: { body: "${"é".repeat(30)}" }`)).toEqual([]);
});
