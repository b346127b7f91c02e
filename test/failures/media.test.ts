// Files that are large, late or asked for late: a preview over LINE's limit, content that LINE still prepares, a
// link that is opened hours and weeks later.
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let ahead = 0;
let world: Harness;
beforeAll(async () => {
  world = await startHarness({ now: () => Date.now() + ahead });
});
afterAll(() => world.close());

const hour = 3_600_000;
const megabyte = 1024 * 1024;

/** A picture that compresses badly: noise. */
async function heavyPicture(): Promise<Buffer> {
  const noise = { type: "gaussian" as const, mean: 128, sigma: 60 };
  const create = { width: 1600, height: 1600, channels: 3 as const, background: "#808080", noise };
  return sharp({ create }).png().toBuffer();
}

async function shownImage(): Promise<{ originalContentUrl: string; previewImageUrl: string }> {
  const images = () => world.line.shownTo(customer).filter(({ type }) => type === "image");
  await until(() => images().length > 0, "an image is shown");
  return images().at(-1) as { originalContentUrl: string; previewImageUrl: string } & object;
}

describe("media", () => {
  test("a heavy picture goes to LINE with a preview of at most 1 MB", async () => {
    const bytes = await heavyPicture();
    expect(bytes.length).toBeGreaterThan(2 * megabyte);
    const url = world.genesys.addDownload(bytes, "image/png", { name: "heavy.png" });
    const attachment = { mediaType: "Image", url, mime: "image/png", filename: "heavy.png" };
    await world.genesys.send(customer, { content: [{ contentType: "Attachment", attachment }] });
    const { originalContentUrl, previewImageUrl } = await shownImage();
    const preview = await fetch(previewImageUrl);
    expect(preview.headers.get("content-type")).toMatch(/^image\/(jpeg|png)$/);
    expect((await preview.arrayBuffer()).byteLength).toBeLessThanOrEqual(megabyte);
    const original = await fetch(originalContentUrl);
    expect((await original.arrayBuffer()).byteLength).toBeLessThanOrEqual(10 * megabyte);
  });

  test("its link still opens eight hours later, and no more after a month", async () => {
    const { originalContentUrl } = await shownImage();
    const status = async () => (await fetch(originalContentUrl, { method: "HEAD" })).status;
    ahead = 8 * hour;
    expect(await status()).toBe(200);
    ahead = 31 * 24 * hour;
    expect(await status()).toBe(410);
    ahead = 0;
  });

  test("a file that LINE still prepares is waited for, and what follows keeps its place", async () => {
    const source = { type: "user", userId: customer };
    const id = "500000000000000777";
    world.line.addContent(id, new TextEncoder().encode("a film"), "video/mp4", 1);
    const message = { id, type: "video", duration: 5, contentProvider: { type: "line" } };
    await world.line.say({ type: "message", source, message });
    await world.write("after the film");
    await until(() => world.agentReads().includes("after the film"), "the text arrives");
    const [video, text] = world.genesys.seen(customer).slice(-2);
    expect(text?.body.text).toBe("after the film");
    const url = video?.body.content?.[0]?.attachment.url ?? "";
    expect(await (await fetch(url)).text()).toBe("a film");
  });
});
