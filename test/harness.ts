import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GenesysSimulator, startGenesysSimulator } from "../plugins/genesys/simulator.ts";
import { type LineSimulator, startLineSimulator } from "../plugins/line/simulator.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../src/gateway.ts";

export const secrets = {
  LINE_SECRET: "line-channel-secret",
  LINE_TOKEN: "line-access-token",
  GENESYS_CLIENT: "genesys-client",
  GENESYS_SECRET: "genesys-client-secret",
  GENESYS_WEBHOOK: "genesys-webhook-secret",
};
export const integrationId = "11111111-2222-4333-8444-555555555555";
export const botUserId = "Ub0000000000000000000000000000000";
export const customer = "U0123456789abcdef0123456789abcdef";

/** A real gateway between two simulated platforms, on loopback, with a folder of its own. */
export interface Harness {
  readonly line: LineSimulator;
  readonly genesys: GenesysSimulator;
  readonly folder: string;
  /** Of gateway.yaml. */
  readonly file: string;
  readonly url: string;
  /** Every line of the log so far. */
  readonly log: string[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A customer writes; gives the status of our answer. */
  write(text: string, more?: object): Promise<number>;
  close(): Promise<void>;
}

export async function startHarness(
  options: Pick<GatewayOptions, "now" | "freeBytes"> = {},
): Promise<Harness> {
  const line = await startLineSimulator({
    channelSecret: secrets.LINE_SECRET,
    channelAccessToken: secrets.LINE_TOKEN,
    botUserId,
  });
  const genesys = await startGenesysSimulator({
    clientId: secrets.GENESYS_CLIENT,
    clientSecret: secrets.GENESYS_SECRET,
    integrationId,
    webhookSecret: secrets.GENESYS_WEBHOOK,
  });
  const folder = mkdtempSync(join(tmpdir(), "sampan-test-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, gatewayYaml(port, line.url, genesys.url));
  line.gatewayUrl = `${url}/webhooks/line`;
  genesys.gatewayUrl = `${url}/webhooks/genesys`;
  const log: string[] = [];
  let gateway: Gateway | undefined;
  const harness: Harness = {
    line,
    genesys,
    folder,
    file,
    url,
    log,
    async start() {
      gateway = await startGateway(file, {
        environment: secrets,
        log: recordingLog(log),
        ...options,
      });
      await until(
        async () => (await fetch(`${url}/readyz`)).status === 200,
        "the gateway is ready",
      );
    },
    async stop() {
      await gateway?.stop();
      gateway = undefined;
    },
    write: (text, more = {}) =>
      line.say({
        type: "message",
        source: { type: "user", userId: customer },
        message: { type: "text", text },
        ...more,
      }),
    async close() {
      await harness.stop();
      await line.close();
      await genesys.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await harness.start();
  return harness;
}

const gatewayYaml = (port: number, lineUrl: string, genesysUrl: string) => `
server: { port: ${port}, host: 127.0.0.1, publicUrl: "http://127.0.0.1:${port}" }
store: data/sampan.db
delivery: { longestPause: 300ms }
channels:
  line:
    use: line
    with:
      channelSecret: \${ env.LINE_SECRET }
      channelAccessToken: \${ env.LINE_TOKEN }
      apiUrl: ${lineUrl}
      dataUrl: ${lineUrl}
  genesys:
    use: genesys
    with:
      clientId: \${ env.GENESYS_CLIENT }
      clientSecret: \${ env.GENESYS_SECRET }
      integrationId: ${integrationId}
      webhookSecret: \${ env.GENESYS_WEBHOOK }
      loginUrl: ${genesysUrl}
      apiUrl: ${genesysUrl}
routes:
  - connect: [line, genesys]
`;

function recordingLog(lines: string[]): NonNullable<GatewayOptions["log"]> {
  const write =
    (level: string) =>
    (message: string, fields: object = {}) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: () => log,
  };
  return log;
}

/** Waits until it is true: for what other processes and the network do in their own time. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 8000,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
