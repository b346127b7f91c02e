import { expect, test } from "vitest";
import { findFaults } from "./simulator-limits.ts";

test.each([
  [{ name: "ケアチーム", iconUrl: "https://cdn.example/a.png" }, []],
  [{ name: "n".repeat(21) }, ["messages[0].sender.name: 21 UTF-16 units, at most 20"]],
  [{ name: "LINE Care" }, ["messages[0].sender.name: a reserved word"]],
  [{ iconUrl: "http://cdn.example/a.png" }, ["messages[0].sender.iconUrl: an https URL is wanted"]],
])("the sender %j is taken, or refused with its place", (sender, faults) => {
  expect(findFaults([{ type: "text", text: "hi", sender }])).toEqual(faults);
});
