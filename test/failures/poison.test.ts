// One message that LINE answers with 500 for ever, while everything else works.
import { afterEach, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
afterEach(() => world.close());

const other = "Uffffffffffffffffffffffffffffffff";
const shown = (user: string) => world.line.shownTo(user).map(({ text }) => text);
const receipt = (id: string) => world.genesys.receipts.find((one) => one.id === id);

/** Others are served as long as it takes: so it is not the platform. */
async function serveOthersUntil(isTrue: () => boolean) {
  for (let n = 0; !isTrue() && n < 200; n++) {
    await world.genesys.say(other, `${n}`);
    await until(() => shown(other).includes(`${n}`), "somebody else is served");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("a poison message", () => {
  test("is set aside with a Failed receipt, and its followers go on in order", async () => {
    world = await startHarness({ settings: { line: "lanes: { after: 4 }" } });
    world.line.faults.push({ path: "push", words: "poison", status: 500, times: 1e6 });
    const { id } = await world.genesys.say(customer, "poison");
    await world.genesys.say(customer, "next");
    await world.genesys.say(customer, "last");
    await serveOthersUntil(() => shown(customer).length === 2);
    expect(shown(customer)).toEqual(["next", "last"]);
    await until(() => receipt(id) !== undefined, "a receipt");
    expect(receipt(id)?.status).toBe("Failed");
    expect(receipt(id)?.reasons[0]?.message).toContain("set aside after 4 failures of its own");
  });

  test("keeps its conversation closed and is alerted, where that is the policy, and goes on when it is mended", async () => {
    world = await startHarness({ settings: { line: "lanes: { poison: stop, after: 3 }" } });
    world.line.faults.push({ path: "push", words: "poison", status: 500, times: 1e6 });
    await world.genesys.say(customer, "poison");
    await world.genesys.say(customer, "next");
    const stopped = () => world.log.filter((line) => line.startsWith("error delivery stopped"));
    await serveOthersUntil(() => stopped().length >= 2);
    expect(shown(customer)).toEqual([]);
    const metrics = await (await fetch(`${world.url}/metrics`)).text();
    expect(metrics).toMatch(/sampan_attempts_total\{[^}]*outcome="stopped",reason="unavailable"/);
    world.line.faults.length = 0;
    await until(() => shown(customer).length === 2, "it is mended");
    expect(shown(customer)).toEqual(["poison", "next"]);
  });
});
