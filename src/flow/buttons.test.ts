import { describe, expect, test } from "vitest";
import type { Content, Message } from "../kit/index.ts";
import { guardButtons, resolveButton } from "./buttons.ts";

const message = (content: Content): Message => ({
  ...content,
  id: "b:m1",
  channel: "b",
  conversation: { id: "U1", type: "person" },
  from: { role: "bot" },
  sentAt: "2026-01-02T03:04:05.000Z",
  native: { id: "m1", kind: "card" },
});
const payload = "x".repeat(1000);
const card = message({
  kind: "card",
  title: "Order",
  choices: [
    { label: "Buy", do: { postback: { data: payload } } },
    { label: "When?", do: { pick: { mode: "datetime", data: "when" } } },
    { label: "Site", do: { open: { url: "https://x.example" } } },
  ],
});

function guarded() {
  const { message: shown, state } = guardButtons(card, "a", 0);
  if (shown.kind !== "card") throw new Error("kind changed");
  const kept = new Map(state.map(({ name, value }) => [name, value]));
  return { choices: shown.choices, find: (token: string) => kept.get(token) };
}

describe("the button vault", () => {
  test("lets a short token travel in place of a long payload, and shows the label", () => {
    const { choices } = guarded();
    expect(choices[0]?.do.postback?.data).toMatch(/^sampan:[\w-]{22}$/);
    expect(choices[0]?.do.postback?.shows).toBe("Buy");
    expect(choices[1]?.do.pick?.data).toMatch(/^sampan:/);
    expect(choices[2]?.do).toEqual({ open: { url: "https://x.example" } });
  });

  test("gives the same tokens when an event is worked on twice", () => {
    expect(guarded().choices).toEqual(guarded().choices);
  });

  test("gives the original payload, label and question back when the button is tapped", () => {
    const { choices, find } = guarded();
    const data = choices[0]?.do.postback?.data ?? "";
    expect(resolveButton(message({ kind: "action", data }), find)).toMatchObject({
      data: payload,
      label: "Buy",
      answers: { message: "m1", asked: "card", label: "Buy", choice: payload },
    });
  });

  test("leaves a button that is not ours as it is", () => {
    const action = message({ kind: "action", data: "action=buy" });
    expect(resolveButton(action, () => undefined)).toBe(action);
  });

  test("hides a token whose meaning is no longer kept", () => {
    const action = message({ kind: "action", data: "sampan:gone", label: "Buy" });
    expect(resolveButton(action, () => undefined)).not.toHaveProperty("data");
  });
});
