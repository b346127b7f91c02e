import { SendError } from "sampan/kit";
import { type Script, scriptedFetch } from "sampan/kit/testing";
import { describe, expect, test } from "vitest";
import line from "./index.ts";
import { testContext } from "./test-context.ts";

const idle = new AbortController().signal;
const cdn = "https://stickershop.line-scdn.net/stickershop/v1/sticker";
const png = { status: 200, headers: { "content-type": "image/png" }, body: "a picture" };
const gone = { status: 404, body: "no" };

function account(script: Script, options: object = {}) {
  const { context, clock } = testContext();
  const { fetch, requests } = scriptedFetch(script);
  const config = { channelSecret: "s", channelAccessToken: "the-token", ...options };
  const channel = line.create(config, { ...context, fetch });
  return {
    clock,
    requests,
    urls: () => requests.map(({ url }) => url.replace(`${cdn}/`, "")),
    async picture(ref: string) {
      const media = await channel.media?.(ref, idle);
      const chunks: Uint8Array[] = [];
      for await (const chunk of media?.body ?? []) chunks.push(chunk);
      return { ...media, body: Buffer.concat(chunks).toString() };
    },
  };
}

describe("the picture of a sticker", () => {
  test("comes from LINE's public host, without the token, and is everybody's", async () => {
    const { picture, urls, requests } = account([png]);
    expect(await picture("sticker:52002734:STATIC")).toEqual({
      type: "image/png",
      body: "a picture",
      shared: true,
    });
    expect(urls()).toEqual(["52002734/android/sticker.png"]);
    expect(JSON.stringify(requests)).not.toContain("the-token");
  });

  test.each([
    ["ANIMATION_SOUND", "1/iPhone/sticker_animation@2x.png"],
    ["POPUP", "1/iPhone/sticker_popup.png"],
    ["MESSAGE", "1/android/sticker.png"],
    ["CUSTOM", "1/android/sticker.png"],
    ["SOMETHING_NEW", "1/android/sticker.png"],
    ["", "1/android/sticker.png"],
  ])("of type %j is asked for at %s first, and at the still one at last", async (type, first) => {
    const { picture, urls } = account(() => gone);
    await expect(picture(`sticker:1:${type}`)).rejects.toMatchObject({ failure: "reject" });
    expect(urls()[0]).toBe(first);
    expect(urls()).toContain("1/android/sticker.png");
    expect(urls().length).toBeLessThanOrEqual(5);
  });

  test("is the next one where one is missing or is no picture", async () => {
    const page = { status: 200, headers: { "content-type": "text/html" }, body: "sorry" };
    const { picture, urls } = account([gone, page, png]);
    expect(await picture("sticker:1:ANIMATION")).toMatchObject({ body: "a picture" });
    expect(urls()).toHaveLength(3);
  });

  test("is not asked for while the host does not answer", async () => {
    const dead = new SendError("retry", "unavailable", "no answer");
    const { picture, requests, clock } = account([dead, png]);
    const failure = { failure: "retry", reason: "unavailable" };
    await expect(picture("sticker:1:STATIC")).rejects.toMatchObject(failure);
    await expect(picture("sticker:2:STATIC")).rejects.toMatchObject(failure);
    expect(requests).toHaveLength(1);
    clock.now += 300_000;
    expect(await picture("sticker:2:STATIC")).toMatchObject({ body: "a picture" });
  });

  test("cannot lead elsewhere, and may come from a host of one's own", async () => {
    const { picture, requests } = account([png], { stickerUrl: "http://127.0.0.1:9/x/" });
    await picture("sticker:1/../../2:STATIC");
    expect(requests[0]?.url).toBe(
      "http://127.0.0.1:9/x/stickershop/v1/sticker/1%2F..%2F..%2F2/android/sticker.png",
    );
  });
});
