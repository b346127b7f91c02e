import { describe, expect, test } from "vitest";
import { formatDiagnostic, type Message, SampanError } from "../kit/index.ts";
import { conversation, load, now, pigeon, received } from "./fixture-plugin.ts";
import { loadMapping, type Mapping } from "./mapping.ts";

const loaded = (text: string, ...layouts: string[]): Mapping => {
  const { mapping, diagnostics } = load(text, ...layouts);
  if (mapping === undefined) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return mapping;
};

const message = (fields: object): Message =>
  ({
    id: "1",
    channel: "desk",
    conversation,
    from: { role: "agent" },
    sentAt: now,
    native: { id: "m1", kind: "x" },
    ...fields,
  }) as Message;

const thrown = (work: () => unknown): SampanError => {
  try {
    work();
  } catch (error) {
    if (error instanceof SampanError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const place = { place: { latitude: 13, longitude: 100.5 } };

describe("receiving", () => {
  test("an event becomes the content that the first matching rule describes", () => {
    const mapping = loaded(`
      receive:
        - { id: shout, on: note, when: 'event.note.text.startsWith("!")', emit: drop }
        - { id: note, on: note, emit: { kind: text, text: "\${ event.note.text }" } }
    `);
    const note = (text: string) => mapping.receive(received("note", { at: 1, note: { text } }));
    expect(note("hello")).toEqual({ rule: "note", out: [{ kind: "text", text: "hello" }] });
    expect(note("!hello")).toEqual({ rule: "shout", out: [] });
    expect(mapping.receive(received("press", { data: "x" }))).toEqual({ rule: undefined, out: [] });
  });

  test("a rule for any kind takes what no other rule took", () => {
    const mapping = loaded(`
      receive:
        - { id: rest, on: "*", emit: { kind: other, summary: "a \${ kind } from \${ event.x.y }" } }
        - { id: never, on: note, when: "false", emit: drop }
    `);
    expect(mapping.receive(received("note", { x: { y: 1 } })).out).toEqual([
      { kind: "other", summary: "a note from 1" },
    ]);
    expect(mapping.receive(received("unheard", { x: { y: "z" } })).rule).toBe("rest");
  });

  test("numbers stay numbers, and print as they are written", () => {
    const mapping = loaded(`
      receive:
        - id: place
          on: place
          let: { p: event.place }
          emit:
            - { kind: location, latitude: "\${ p.latitude }", longitude: "\${ p.longitude }" }
            - { kind: text, text: "\${ p.latitude },\${ p.longitude } \${ location.link(p.latitude, 5) }" }
            - { kind: text, text: "\${ p.latitude + 1 } \${ size([1, 2]) } \${ 7 / 2 } \${ p.latitude / 2 }" }
    `);
    expect(mapping.receive(received("place", place)).out).toEqual([
      { kind: "location", latitude: 13, longitude: 100.5 },
      { kind: "text", text: "13,100.5 https://map.example/13,5" },
      { kind: "text", text: "14 2 3 6.5" },
    ]);
  });

  test("attributes of the file are put on every message, and a rule's own win", () => {
    const mapping = loaded(`
      attributes: { messenger: pigeon, who: "\${? from.id }", name: "\${? profile.name }" }
      receive:
        - { id: note, on: note, emit: { kind: text, text: x, attributes: { who: me, at: "\${ string(event.at) }" } } }
    `);
    expect(mapping.receive(received("note", { at: 5, note: { text: "x" } })).out).toEqual([
      { kind: "text", text: "x", attributes: { messenger: "pigeon", who: "me", at: "5" } },
    ]);
  });

  test("an optional value that is missing takes its key along; a required one fails the rule", () => {
    const mapping = loaded(`
      receive:
        - { id: place, on: place, emit: { kind: location, title: "\${? event.place.title }", latitude: 1, longitude: 2 } }
        - { id: press, on: press, emit: { kind: action, data: "\${ event.data }" } }
    `);
    expect(mapping.receive(received("place", place)).out).toEqual([
      { kind: "location", latitude: 1, longitude: 2 },
    ]);
    const error = thrown(() => mapping.receive(received("press", { customer: "secret words" })));
    expect(error.code).toBe("rule.missing");
    expect(error.message).toBe(
      'pigeon.yaml:4:67: rule "press" emit.data: a value is missing in `event.data`',
    );
  });

  test("content that does not fit its kind is refused by path, without its value", () => {
    const mapping = loaded(`
      receive: [{ id: press, on: press, emit: { kind: text, text: "\${ dyn(event.data) }" } }]
    `);
    const error = thrown(() => mapping.receive(received("press", { data: 12345 })));
    expect(error.code).toBe("rule.output");
    expect(error.message).toContain("/text must be string");
    expect(error.message).not.toContain("12345");
  });

  test("a function's failure names the function and not its words", () => {
    const mapping = loaded(`
      receive: [{ id: press, on: press, emit: { kind: text, text: "\${ location.fail(event.data) }" } }]
    `);
    const error = thrown(() => mapping.receive(received("press", { data: "private" })));
    expect(error.code).toBe("rule.function");
    expect(error.message).toContain("location.fail(string): string threw RangeError");
    expect(error.message).not.toContain("private");
  });

  test("a rule's own name may be that of a plug-in", () => {
    const mapping = loaded(`
      receive:
        - { id: press, on: press, let: { location: event.data }, emit: { kind: text, text: "\${ location }" } }
        - { id: place, on: place, emit: { kind: text, text: "\${ location.link(1, 2.5) }" } }
    `);
    expect(mapping.receive(received("press", { data: "d" })).out).toEqual([
      { kind: "text", text: "d" },
    ]);
    expect(mapping.receive(received("place", place)).out).toEqual([
      { kind: "text", text: "https://map.example/1,2.5" },
    ]);
  });

  test("keys that reach into prototypes are dropped from what comes in", () => {
    const mapping = loaded(`
      receive: [{ id: all, on: "*", emit: { kind: template, name: n, text: t, parameters: "\${ event }" } }]
    `);
    const event: unknown = JSON.parse('{"a":{"constructor":1,"__proto__":{"x":1},"b":2}}');
    expect(JSON.stringify(mapping.receive(received("odd", event)).out)).toBe(
      '[{"kind":"template","name":"n","text":"t","parameters":{"a":{"b":2}}}]',
    );
  });

  test("a rule that loops too often is stopped", () => {
    const mapping = loaded(`
      receive:
        - id: cel
          on: press
          when: present(event.tags) && event.tags.exists(a, event.tags.exists(b, a + b == "no"))
          emit: drop
        - id: tree
          on: note
          let: { chars: "event.note.text.split('')" }
          emit:
            - $for: a in chars
              $value: [{ $for: b in chars, $where: 'a + b == "no"', kind: text, text: x }]
    `);
    const many = Array.from({ length: 3000 }, (_, index) => String(index));
    const cel = thrown(() => mapping.receive(received("press", { data: "", tags: many })));
    expect(cel.code).toBe("rule.too-many-steps");
    const note = { at: 1, note: { text: "x".repeat(3000) } };
    expect(thrown(() => mapping.receive(received("note", note))).code).toBe("rule.too-many-steps");
    expect(mapping.receive(received("press", { data: "", tags: [] })).rule).toBeUndefined();
  });
});

describe("sending", () => {
  const choices = `
    send:
      - id: menu
        on: choices
        emit:
          - { type: note, text: "\${ message.text }" }
          - type: menu
            items:
              - $for: c, i in message.choices
                $where: present(c.do.reply) || present(c.do.postback)
                $max: 2
                $let: { number: i + 1 }
                label: \${ number }. \${ truncate(c.label, 3) }
                data:
                  $first:
                    - $if: present(c.do.postback)
                      $value: \${ c.do.postback.data }
                    - $if: present(c.do.reply)
                      $value: \${ c.do.reply.text }
  `;
  test("a message becomes payloads, lists are looped and cut, alternatives tried", () => {
    const mapping = loaded(choices);
    const out = mapping.send({
      message: message({
        kind: "choices",
        text: "Pick",
        choices: [
          { label: "ซื้อสินค้า", do: { reply: { text: "one" } } },
          { label: "skipped", do: { open: { url: "https://x" } } },
          { label: "Two", do: { postback: { data: "2" } } },
          { label: "Three", do: { postback: { data: "3" } } },
        ],
      }),
      now,
    });
    expect(out).toEqual({
      rule: "menu",
      out: [
        { type: "note", text: "Pick" },
        {
          type: "menu",
          items: [
            { label: "1. ซื้อสิ", data: "one" },
            { label: "3. Two", data: "2" },
          ],
        },
      ],
    });
    expect(out.out.map((payload) => mapping.checkSend(payload))).toEqual([undefined, undefined]);
    expect(mapping.sends("choices")).toBe(true);
    expect(mapping.sends("text")).toBe(false);
  });

  test("a payload that does not fit is named by the path in the branch that was meant", () => {
    const mapping = loaded(choices);
    expect(mapping.checkSend({ type: "note", text: "x".repeat(21) })).toBe(
      "/text must NOT have more than 20 characters",
    );
  });

  const layout = `
    layout: order
    parameters: { order: { type: string }, lines: { type: array, items: { type: object, properties: { name: { type: string } }, required: [name] }, default: [] } }
    required: [order]
    emit: { type: note, text: "\${ channel.options.greeting } \${ parameters.order } \${ parameters.lines.map(l, l.name).join('+') }" }
  `;
  const template = (parameters: object, name = "order") =>
    ({ message: message({ kind: "template", name, parameters, text: "plain" }), now }) as const;

  test("a template message uses the layout of its name, with its parameters checked", () => {
    const mapping = loaded(
      "send: [{ id: t, on: template, emit: { type: note, text: plain } }]",
      layout,
    );
    expect(mapping.hasLayout("order")).toBe(true);
    expect(mapping.hasLayout("other")).toBe(false);
    expect(mapping.send(template({ order: "7", lines: [{ name: "a" }, { name: "b" }] }))).toEqual({
      rule: "layout:order",
      out: [{ type: "note", text: "Hello 7 a+b" }],
    });
    expect(mapping.send(template({ order: "7" })).out).toEqual([
      { type: "note", text: "Hello 7 " },
    ]);
    expect(mapping.send(template({}, "other"))).toEqual({
      rule: "t",
      out: [{ type: "note", text: "plain" }],
    });
    const error = thrown(() => mapping.send(template({ order: 99 })));
    expect(error.code).toBe("rule.parameters");
    expect(error.message).toBe('layout "order": parameters /order must be string');
  });

  test("what is wrong with a layout's parameters is told in words that its sender understands", () => {
    const counted = `
      layout: order
      parameters: { order: { type: string }, count: { type: integer }, note: { type: string } }
      required: [order]
      emit: { type: note, text: "\${ parameters.order } \${? parameters.count + 1 }" }
    `;
    const mapping = loaded("send: []", counted);
    expect(mapping.send(template({ order: "7", count: "2" })).out).toEqual([
      { type: "note", text: "7 3" },
    ]);
    const told = (parameters: object) => thrown(() => mapping.send(template(parameters))).message;
    expect(told({ order: "7", count: "two" })).toBe(
      'layout "order": parameters /count must be integer',
    );
    expect(told({ order: "7", cuont: "2" })).toBe(
      'layout "order": there is no parameter "cuont": did you mean "count"? it takes: order, count, note',
    );
    expect(told({ note: "" })).toBe(
      'layout "order": order is missing; it takes: order, count, note',
    );
  });

  test("files are layered: the first one's rules are tried first", () => {
    const rule = (id: string, when: string) =>
      `send: [{ id: ${id}, on: text, when: '${when}', emit: { type: note, text: ${id} } }]`;
    const { mapping } = loadMapping({
      channel: "coop",
      plugin: pigeon,
      options: {},
      files: [
        { file: "mine.yaml", text: rule("mine", 'message.text == "a"') },
        { file: "base.yaml", text: rule("base", "true") },
      ],
      layouts: [],
      functions: [],
    });
    const taken = (text: string) =>
      mapping?.send({ message: message({ kind: "text", text }), now }).rule;
    expect([taken("a"), taken("b")]).toEqual(["mine", "base"]);
  });
});
