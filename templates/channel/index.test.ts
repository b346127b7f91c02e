import { type ChannelFixtures, channelCases, post } from "sampan/kit/testing";
import { test } from "vitest";
import plugin, { signature } from "./index.ts";

const config = { accessToken: "a-token-for-tests", secret: "a-secret-for-tests" };
const proof = {
  header: "x-signature",
  sign: (body: Uint8Array) => signature(body, config.secret),
};
const update = { id: "1", at: 1_767_225_600_000, from: { id: "U1", name: "Mali" } };
const payloads = [{ text: "Hello" }];
const invalid = { failure: "reject", reason: "invalid" } as const;

const fixtures: ChannelFixtures = {
  config,
  proof,
  calls: [
    {
      name: "a text",
      call: post({ ...update, type: "text", text: "สวัสดี" }, proof),
      keys: ["1"],
      kinds: ["text"],
    },
    {
      name: "a kind to come",
      call: post({ ...update, type: "hologram" }, proof),
      keys: ["1"],
      kinds: ["hologram"],
    },
    { name: "an update of nobody", call: post({ id: "2", type: "ping" }, proof), keys: [] },
  ],
  sends: [
    {
      name: "a text",
      payloads,
      answers: [{ status: 200, body: { id: "m1" } }],
      requests: [
        {
          method: "POST",
          url: "https://api.sample.example/messages",
          body: { to: "user-1", text: "Hello" },
        },
      ],
      ids: ["m1"],
    },
    { name: "a text that is refused", payloads, answers: [{ status: 400 }], fails: invalid },
    {
      name: "a text too soon",
      payloads,
      answers: [{ status: 429 }],
      fails: { failure: "retry", reason: "throttled" },
    },
    {
      name: "a text into trouble",
      payloads,
      answers: [{ status: 502 }],
      fails: { failure: "retry", reason: "unavailable" },
    },
  ],
  hidden: ["สวัสดี"],
};

for (const { name, run } of channelCases(plugin, fixtures)) test(name, run);
