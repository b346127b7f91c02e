import { createHmac } from "node:crypto";
import type { ChannelTesting } from "sampan/kit";

/** The platform as `sampan test` plays it: an update needs only what it says, `{ text: Hi }`. */
export const testing: ChannelTesting = {
  config: { accessToken: "test-access-token", secret: "test-webhook-secret" },
  call(body, { config, number, now }) {
    const update = { id: `${number}`, type: "text", at: now, from: { id: "U1", name: "Mali" } };
    const whole = typeof body === "string" ? body : JSON.stringify({ ...update, ...Object(body) });
    const bytes = new TextEncoder().encode(whole);
    const proof = createHmac("sha256", String(config["secret"])).update(bytes).digest("hex");
    return {
      method: "POST",
      url: "/webhooks/sample",
      headers: { "content-type": "application/json", "x-signature": proof },
      body: bytes,
    };
  },
  answer: () => ({ status: 200, body: { id: "m1" } }),
};
