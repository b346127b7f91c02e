import { describe, expect, test } from "vitest";
import { failures, put, sampanTest, useFolder } from "./fixture.ts";

useFolder();

describe("our own rules", () => {
  test.each([
    ["mappings", [], 130],
    ["examples/telegram/mappings", ["--config", "examples/telegram/gateway.yaml"], 25],
  ])("in %s pass their tests, at each level", async (folder, more, least) => {
    const { code, out, err } = await sampanTest(folder, "--json", ...more);
    const { files, passed } = JSON.parse(out);
    const failed = files.flatMap(({ results }: { results: { ok: boolean }[] }) =>
      results.filter(({ ok }) => !ok),
    );
    expect({ code, err, failed }).toEqual({ code: 0, err: "", failed: [] });
    expect(passed).toBeGreaterThan(least);
    for (const { results } of files) {
      const levels = new Set(results.map(({ level }: { level: string }) => level));
      expect(levels).toEqual(new Set(["rule", "flow"]));
    }
  });
});

describe("a flow", () => {
  test("fails where a request differs, with the line of the expectation", async () => {
    const [result] = await failures(`tests:
  - name: wrong
    steps:
      - webhook: { channel: line, body: { message: { type: text, text: hi } } }
      - requests:
          genesys:
            - body:
                text: ho
`);
    expect(result).toMatchObject({
      line: 2,
      faults: [{ line: 8, path: "requests.genesys[0].body.text" }],
    });
    expect(result?.differences).toEqual(['requests.genesys[0].body.text: expected "ho", got "hi"']);
  });

  test("fails for what nobody expected: a request, a failure, an answer that nobody asked for", async () => {
    const results = await failures(`tests:
  - name: a request
    steps:
      - webhook: { channel: line, body: { message: { type: text, text: hi } } }
      - requests: { line: [] }
        receipts: { genesys: [] }
  - name: a failure
    steps:
      - answers: { genesys: [400] }
      - webhook: { channel: line, body: { message: { type: text, text: hi } } }
      - requests: { genesys: [{ body: { text: hi } }] }
  - name: a receipt
    steps:
      - answers: { line: [400] }
      - webhook: { channel: genesys, body: { text: hi } }
      - requests: { line: [{ body: { to: U1 } }] }
        deadLetters: [{ status: failed }]
  - name: an answer
    steps:
      - answers: { line: [{ status: 500, times: 3 }] }
      - requests: { line: [], genesys: [] }
  - name: a status
    steps:
      - webhook: { channel: line, forged: true, body: { message: { type: text, text: hi } } }
      - requests: { genesys: [] }
`);
    expect(results.map(({ differences }) => differences)).toEqual([
      [expect.stringMatching(/^requests.genesys: nobody expected POST \/api\/.*"hi"/)],
      [
        expect.stringMatching(
          /^deadLetters: nobody expected a failed delivery of genesys: invalid/,
        ),
      ],
      [expect.stringMatching(/^receipts.genesys: nobody expected that agent-1 failed: invalid/)],
      ["answers.line: nothing asked for 500 (3 times)"],
      [expect.stringMatching(/^webhook.status: expected 200, got 401: webhook.signature/)],
    ]);
  });

  test("says what it cannot play, and with whom", async () => {
    const results = await failures(`tests:
  - name: nobody
    steps: [{ webhook: { channel: lime, body: {} } }, { requests: { line: [] } }]
  - name: alone
    steps: [{ webhook: { channel: line, body: {} } }, { requests: { line: [] } }]
  - name: an answer
    steps: [{ answers: { line: [timeout] } }, { requests: { line: [], genesys: [] } }]
  - name: an option
    channels: { line: { with: { channelSecret: 5 } } }
    steps: [{ requests: { line: [], genesys: [] } }]
  - name: a function
    stubs: { location.lnk: x }
    steps: [{ requests: { line: [], genesys: [] } }]
`);
    expect(results.map(({ differences }) => differences[0])).toEqual([
      expect.stringContaining('did you mean "line"?'),
      expect.stringContaining("line is connected with nobody"),
      expect.stringContaining("timeout-after-accept, refused"),
      expect.stringContaining("channel line: /channelSecret"),
      expect.stringContaining('did you mean "location.link"?'),
    ]);
  });

  test("has its own channels, options, clock and stubs", async () => {
    const file = put(`
clock: 2030-01-01T00:00:00Z
stubs: { location.link: "https://map.example" }
channels: { hotline: { use: line, with: { channelAccessToken: mine } } }
tests:
  - name: all of it
    steps:
      - webhook: { channel: hotline, body: { message: { type: location, latitude: 1, longitude: 2 } } }
      - requests: { genesys: [{ body: { channel: { time: 2030-01-01T00:00:00.000Z }, text: "https://map.example" } }] }
      - remember: { hotline: { "reply:U1": { token: kept, at: 1893456000000 } } }
      - webhook: { channel: genesys, body: { text: hi } }
      - requests: { hotline: [{ headers: { authorization: Bearer mine }, body: { replyToken: kept } }] }
  - name: the function itself
    stubs: { location.link: one }
    given: { receive: message.location, event: { message: { latitude: 1, longitude: 2 } } }
    expect: { emit: { text: one } }
`);
    expect(await sampanTest(file)).toMatchObject({ code: 0 });
  });

  test("is refused where it could not fail or says what nobody knows, with the place", async () => {
    const { code, err } = await sampanTest(
      put(`tests:
  - { name: a, steps: [{ advance: 1s }] }
  - { name: b, steps: [{ advance: soon }, { requests: { line: [] } }] }
  - { name: c, steps: [{ webhok: {} }] }
  - { name: d, steps: [] }
  - { name: e, given: { webhook: { channel: line, bdy: {} } }, expect: { requests: { line: {} } } }
`),
    );
    expect(code).toBe(1);
    expect(
      err
        .match(/mine.test.yaml:\d+:\d+: error\[[a-z-]+\].*/g)
        ?.map((line) => line.slice(line.indexOf("mine"))),
    ).toEqual([
      expect.stringMatching(/:2:5: .*no step says what is expected/),
      expect.stringMatching(/:3:35: .*advance: must be a duration/),
      expect.stringMatching(/:4:26: .*there is no key "webhok"/),
      expect.stringMatching(/:5:23: .*steps: must be a list/),
      expect.stringMatching(/:6:51: .*there is no key "bdy"/),
      expect.stringMatching(/:6:84: .*must hold a list/),
    ]);
  });
});
