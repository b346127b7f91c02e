import fc from "fast-check";
import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";
import { Turns } from "./turns.ts";

test("a hundred thousand lanes behind a closed gate cost a claim nothing", () => {
  const lanes = new Lanes();
  for (let id = 1; id <= 100_000; id++) lanes.add(`out:closed:${id}`, id);
  lanes.add("out:open:1", 100_001);
  const loaded: number[] = [];
  let asked = 0;
  const claim = () =>
    lanes.claim(
      64,
      0,
      (id) => {
        loaded.push(id);
        return id;
      },
      (group) => {
        asked += 1;
        return group === "out:open" ? 10 : 0;
      },
    );
  expect([claim(), claim()]).toEqual([[100_001], []]);
  expect(loaded).toEqual([100_001]);
  expect(asked).toBe(3);
});

test("what could be loaded is claimed, also when something else could not", () => {
  const lanes = new Lanes();
  for (let id = 1; id <= 3; id++) lanes.add(`out:a:${id}`, id);
  const load = (id: number) => {
    if (id !== 2) return id;
    lanes.release(id, 1000);
    throw new Error("unreadable");
  };
  expect(lanes.claim(9, 0, load)).toEqual([1, 3]);
  expect(() => lanes.claim(9, 1000, load)).toThrow("unreadable");
  expect(lanes.claim(9, 2000, (id) => id)).toEqual([2]);
});

test("turns are those of a list, whoever joins and leaves", () => {
  const step = fc.record({ do: fc.constantFrom("join", "leave", "take"), who: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
      const members = Array.from({ length: 10 }, (_, name) => ({ name }));
      const turns = new Turns<object>();
      const model: object[] = [];
      for (const { do: what, who } of steps) {
        const member = members[who] ?? {};
        if (what === "take") expect(turns.take()).toBe(model.shift());
        else if (what === "leave") {
          turns.leave(member);
          if (model.includes(member)) model.splice(model.indexOf(member), 1);
        } else {
          turns.join(member);
          if (!model.includes(member)) model.push(member);
        }
        expect(turns.size).toBe(model.length);
      }
    }),
  );
});

test("a clock that is set back an hour does not make a retry wait an hour", () => {
  const lanes = new Lanes();
  lanes.add("out:a:1", 1);
  lanes.add("out:a:2", 2);
  const hour = 3_600_000;
  const all = (now: number) => lanes.claim(9, now, (id) => id);
  expect(all(hour)).toEqual([1, 2]);
  lanes.release(1, hour + 500);
  lanes.release(2, hour + 900);
  expect(all(10)).toEqual([]);
  expect(lanes.nextDue()).toBe(510);
  expect(all(509)).toEqual([]);
  expect(all(510)).toEqual([1]);
  expect(all(910)).toEqual([2]);
});
