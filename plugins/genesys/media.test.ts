import type { SendError } from "sampan/kit";
import { expect, test } from "vitest";
import { idle, startAccount } from "./test-context.ts";

type Account = Awaited<ReturnType<typeof startAccount>>;
const bytes = Buffer.from("the file");

async function read({ channel }: Account, url: string) {
  const { body, ...media } = await channel.media(url, idle);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { ...media, bytes: Buffer.concat(chunks).toString() };
}
const failed = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: SendError) => error,
  );
const whole = { type: "application/pdf", name: "見積書.pdf", bytes: "the file" };

test("a signed link is fetched without a token", async () => {
  await using account = await startAccount();
  const url = account.simulator.addDownload(bytes, "application/pdf", { name: "見積書.pdf" });
  expect(await read(account, url)).toEqual(whole);
  expect(account.calls).toEqual([{ url, authorization: undefined, untrusted: false }]);
});

test("a link that wants a token gets one, and a new one when it is dead", async () => {
  await using account = await startAccount();
  const options = { name: "見積書.pdf", needsToken: true };
  const url = account.simulator.addDownload(bytes, "application/pdf", options);
  expect(await read(account, url)).toEqual(whole);
  account.simulator.revokeTokens();
  expect(await read(account, url)).toEqual(whole);
  expect(account.simulator.logins).toBe(2);
});

test("another host never sees the token, and is not trusted", async () => {
  await using account = await startAccount();
  await using stranger = await startAccount();
  const url = stranger.simulator.addDownload(bytes, "image/png", { needsToken: true });
  expect(await failed(read(account, url))).toMatchObject({ failure: "reject", reason: "auth" });
  expect(account.calls).toEqual([{ url, authorization: undefined, untrusted: true }]);
});

test("a redirect to another host is followed without the token", async () => {
  await using account = await startAccount();
  await using stranger = await startAccount();
  const target = stranger.simulator.addDownload(bytes, "application/pdf", { name: "見積書.pdf" });
  const options = { needsToken: true, redirect: target };
  const url = account.simulator.addDownload(bytes, "text/html", options);
  expect(await read(account, url)).toEqual(whole);
  expect(account.calls.at(-1)).toEqual({ url: target, authorization: undefined, untrusted: true });
});

test("redirects in a circle end after three", async () => {
  await using account = await startAccount();
  const url = account.simulator.addDownload(bytes, "text/html", { redirect: "?again" });
  expect(await failed(read(account, url))).toMatchObject({ failure: "reject", reason: "invalid" });
  expect(account.calls).toHaveLength(4);
});

test.each([
  [404, "reject", "expired"],
  [410, "reject", "expired"],
  [400, "reject", "invalid"],
  [429, "retry", "throttled"],
  [503, "retry", "unavailable"],
])("HTTP %i means %s, %s", async (status, failure, reason) => {
  await using account = await startAccount();
  const url = account.simulator.addDownload(bytes, "image/png");
  account.simulator.faults.push({ path: "/downloads/", status });
  const error = await failed(read(account, url));
  expect(error).toMatchObject({ failure, reason });
  expect(error?.message).not.toContain("downloads");
});

test.each(["file:///etc/passwd", "nothing", ""])("%j is no address to fetch", async (url) => {
  await using account = await startAccount();
  expect(await failed(account.channel.media(url, idle))).toMatchObject({ failure: "reject" });
  expect(account.calls).toEqual([]);
});
