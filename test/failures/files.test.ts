// Files that cannot be had, are too large or of a kind that the other side does not show: nobody is left without a word.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
beforeAll(async () => {
  world = await startHarness({ edit: (yaml) => `${yaml}\nassets: { maxBytes: 100KiB }\n` });
});
afterAll(() => world.close());

const source = { type: "user", userId: customer };
/** What the agent got for one message of the customer. */
async function agentGets(message: object) {
  const count = world.genesys.seen(customer).length;
  expect(await world.line.say({ type: "message", source, message })).toBe(200);
  await until(() => world.genesys.seen(customer).length > count, "it arrives");
  return world.genesys.seen(customer).at(-1)?.body ?? {};
}
const video = (id: string) => ({ id, type: "video", contentProvider: { type: "line" } });
const sticker = (id: string, stickerId: string) => ({
  ...{ id, type: "sticker", packageId: "1", stickerId },
  ...{ stickerResourceType: "STATIC", keywords: ["hooray"] },
});

/** What the customer got for one message of the agent, and the receipt of it. */
async function customerGets(parts: object) {
  const count = world.line.shownTo(customer).length;
  const { id } = await world.genesys.send(customer, parts);
  const receipt = () => world.genesys.receipts.find((one) => one.id === id);
  await until(() => receipt() !== undefined, "a receipt");
  return { receipt: receipt(), shown: world.line.shownTo(customer).slice(count) };
}
const attach = (mediaType: string, mime: string, filename: string, url: string) => ({
  contentType: "Attachment",
  attachment: { mediaType, mime, filename, url },
});

describe("from a customer", () => {
  test("a file that is gone, and one that is too large, are told to the agent", async () => {
    expect(await agentGets(video("501"))).toMatchObject({
      text: expect.stringContaining("[The video is not there any more]"),
    });
    world.line.addContent("502", new Uint8Array(101 * 1024), "video/mp4");
    expect(await agentGets(video("502"))).toMatchObject({
      text: expect.stringContaining("[The video is too large]"),
    });
  });

  test("a film that LINE gave up preparing is told at once", async () => {
    world.line.addContent("503", new Uint8Array(10), "video/mp4", 1_000_000);
    world.line.faults.push({ path: "/transcoding", status: 200, body: { status: "failed" } });
    expect(await agentGets(video("503"))).toMatchObject({
      text: expect.stringContaining("[The video could not be fetched]"),
    });
  });

  test("a file elsewhere in our own network is not fetched", async () => {
    const originalContentUrl = `${world.url}/metrics`.replace("http:", "https:");
    const contentProvider = { type: "external", originalContentUrl };
    expect(await agentGets({ id: "504", type: "image", contentProvider })).toMatchObject({
      text: expect.stringContaining("[The image lies where it must not be fetched from]"),
    });
  });

  test("a sticker's picture is fetched once and served by us", async () => {
    const first = await agentGets(sticker("505", "52002734"));
    const attachment = { mediaType: "Image", mime: "image/png" };
    expect(first).toMatchObject({ text: "[Sticker: hooray]", content: [{ attachment }] });
    const url = (first as { content: [{ attachment: { url: string } }] }).content[0].attachment.url;
    expect(url.startsWith(`${world.url}/assets/`)).toBe(true);
    expect((await fetch(url)).headers.get("content-type")).toBe("image/png");
    world.line.faults.push({ path: "/stickershop", status: 500, times: 100 });
    expect(await agentGets(sticker("506", "52002734"))).toMatchObject({
      content: [{ attachment }],
    });
  });

  test("a sticker without a picture is drawn", async () => {
    const body = await agentGets(sticker("507", "404"));
    const { attachment } = (body as { content: [{ attachment: { url: string } }] }).content[0];
    const picture = Buffer.from(await (await fetch(attachment.url)).arrayBuffer());
    expect([picture.toString("latin1", 1, 4), picture.readUInt32BE(16)]).toEqual(["PNG", 370]);
  });
});

describe("from an agent", () => {
  test("text goes on without a file that is gone, and the receipt says which and why", async () => {
    const gone = world.genesys.addDownload(Buffer.from("x"), "image/png", {});
    world.genesys.faults.push({ path: "/downloads/", status: 410 });
    const { receipt, shown } = await customerGets({
      text: "your invoice",
      content: [attach("File", "application/pdf", "請求書.pdf", gone)],
    });
    expect(shown).toMatchObject([{ type: "text", text: "your invoice" }]);
    expect(receipt).toMatchObject({
      status: "Failed",
      reasons: [{ code: "MessageExpired", message: expect.stringContaining("請求書.pdf") }],
    });
  });

  test("a file alone that is gone shows the customer nothing, and the receipt says so", async () => {
    const gone = world.genesys.addDownload(Buffer.from("x"), "image/png", {});
    world.genesys.faults.push({ path: "/downloads/", status: 410 });
    const content = [attach("Image", "image/png", "photo.png", gone)];
    const { receipt, shown } = await customerGets({ content });
    expect(shown).toEqual([]);
    expect(receipt).toMatchObject({ status: "Failed" });
  });

  test("a file is a bubble that opens it under its own name", async () => {
    const name = "ใบเสร็จ 2569.pdf";
    const url = world.genesys.addDownload(Buffer.from("%PDF-1.7"), "application/pdf", { name });
    const content = [attach("File", "application/pdf", name, url)];
    const { receipt, shown } = await customerGets({ content });
    expect(receipt).toMatchObject({ status: "Delivered" });
    expect(shown).toMatchObject([{ type: "flex", altText: `📎 ${name}` }]);
    const { contents } = shown[0] as { contents: { action: { uri: string } } } & object;
    const opened = await fetch(contents.action.uri);
    expect(decodeURIComponent(opened.headers.get("content-disposition") ?? "")).toContain(name);
    expect(await opened.text()).toBe("%PDF-1.7");
  });

  test("a picture that is none is a file that can be opened", async () => {
    const url = world.genesys.addDownload(Buffer.from("not a picture"), "image/webp", {});
    const content = [attach("Image", "image/webp", "broken.webp", url)];
    const { receipt, shown } = await customerGets({ content });
    expect(receipt).toMatchObject({ status: "Delivered" });
    expect(shown).toMatchObject([{ type: "flex", altText: "📎 broken.webp" }]);
  });
});

test("no rule of either platform was broken", () => {
  expect([...world.line.violations, ...world.genesys.violations]).toEqual([]);
});
