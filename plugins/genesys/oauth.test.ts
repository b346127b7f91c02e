import type { SendError } from "sampan/kit";
import { expect, test } from "vitest";
import type { Outgoing } from "./schemas.ts";
import { channelOf, createChannel, delivery, idle, startAccount } from "./test-context.ts";

type Account = Awaited<ReturnType<typeof startAccount>>;
let last = 0;
const send = ({ channel }: Account) => {
  last += 1;
  const body: Outgoing = { channel: channelOf(String(last)), text: "hello" };
  return channel.send(delivery(body), idle);
};
const burst = (account: Account) => Promise.all(Array.from({ length: 20 }, () => send(account)));
const failed = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: SendError) => error,
  );

test("twenty messages at once need one login", async () => {
  await using account = await startAccount();
  await burst(account);
  expect(account.simulator.logins).toBe(1);
});

test("twenty calls refused for a dead token share one new login and lose nothing", async () => {
  await using account = await startAccount();
  await burst(account);
  account.simulator.revokeTokens();
  await burst(account);
  expect(account.simulator.logins).toBe(2);
  expect(account.simulator.ledger).toHaveLength(40);
});

test("a token is renewed a minute before it ends", async () => {
  await using account = await startAccount();
  await send(account);
  account.clock.now += 3_539_000;
  await send(account);
  expect(account.simulator.logins).toBe(1);
  account.clock.now += 1_000;
  await send(account);
  expect(account.simulator.logins).toBe(2);
});

test("a token that lives for two seconds is used for most of them", async () => {
  await using account = await startAccount({ tokenLife: 2 });
  await send(account);
  account.clock.now += 1_799;
  await send(account);
  expect(account.simulator.logins).toBe(1);
});

test("a fresh token that is refused too is a fault of the configuration: no third try", async () => {
  await using account = await startAccount();
  account.simulator.faults.push({ path: "/message", status: 401, times: 9 });
  expect(await failed(send(account))).toMatchObject({ failure: "retry", reason: "auth" });
  expect(account.calls.filter(({ url }) => url.endsWith("/message"))).toHaveLength(2);
});

test("a login host in trouble is left alone for a while, then asked again", async () => {
  await using account = await startAccount();
  account.simulator.faults.push({ path: "/oauth/token", status: 503 });
  const first = await failed(send(account));
  expect(first).toMatchObject({ failure: "retry", reason: "unavailable" });
  const second = await failed(send(account));
  expect(second).toMatchObject({ failure: "retry", reason: "unavailable", retryAfterMs: 250 });
  expect(account.calls).toHaveLength(1);
  account.clock.now += 250;
  await send(account);
  expect(account.simulator.ledger).toHaveLength(1);
});

test("the pause grows with each failure in a row", async () => {
  await using account = await startAccount();
  account.simulator.faults.push({ path: "/oauth/token", status: 500, times: 2 });
  await failed(send(account));
  account.clock.now += 250;
  await failed(send(account));
  expect(await failed(send(account))).toMatchObject({ retryAfterMs: 500 });
});

test("check says which settings to look at when the client is refused, and shows no secret", async () => {
  await using account = await startAccount();
  const { url } = account.simulator;
  const channel = createChannel({ loginUrl: url, apiUrl: url, clientSecret: "wrong-secret" });
  const error = await failed(channel.check(idle));
  expect(error).toMatchObject({
    failure: "retry",
    reason: "auth",
    hint: expect.stringContaining("clientId"),
  });
  expect(error?.message).not.toContain("wrong-secret");
});

test("an answer without a token is no token", async () => {
  await using account = await startAccount();
  account.simulator.faults.push({ path: "/oauth/token", status: 200, body: {} });
  expect(await failed(account.channel.check(idle))).toMatchObject({ reason: "unavailable" });
});
