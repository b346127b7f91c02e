import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type GenesysSimulator,
  type SimulatorSettings,
  startGenesysSimulator,
} from "../plugins/genesys/simulator.ts";
import {
  type LineSimulator,
  type LineSimulatorOptions,
  startLineSimulator,
} from "../plugins/line/simulator.ts";
import { startGateway } from "../src/gateway.ts";
import type { Log } from "../src/log.ts";

const root = join(import.meta.dirname, "..");

/** What gateway.yaml and the examples take from the environment. */
export const secrets = {
  LINE_CHANNEL_SECRET: "line-channel-secret",
  LINE_CHANNEL_ACCESS_TOKEN: "line-access-token",
  GENESYS_REGION: "mypurecloud.jp",
  GENESYS_CLIENT_ID: "genesys-client",
  GENESYS_CLIENT_SECRET: "genesys-client-secret",
  GENESYS_INTEGRATION_ID: "11111111-2222-4333-8444-555555555555",
  GENESYS_WEBHOOK_SECRET: "genesys-webhook-secret",
};
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
  /** All that the agent reads of the customer's conversation, in order. */
  agentReads(): readonly string[];
  /** All that the customer sees, as JSON. */
  customerSees(): string;
  close(): Promise<void>;
}

/** A gateway that runs. */
export interface Running {
  stop(): Promise<void>;
}

export interface Launch {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where lines of the log go. */
  readonly log: string[];
  now?(): number;
  /** Of the disk, in place of its own. */
  freeBytes?(): Promise<number>;
}

export interface HarnessOptions {
  /** A folder under examples/; the project's own gateway.yaml unless given. */
  readonly example?: string;
  /** More lines of gateway.yaml for one of the two channels, such as `held: resend`. */
  readonly settings?: { readonly line?: string; readonly genesys?: string };
  /** Changes the text of gateway.yaml. */
  edit?(yaml: string): string;
  /** Beside `secrets`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Puts more files beside gateway.yaml, before the first start. */
  prepare?(folder: string): void;
  /** What goes wrong on the platforms by chance. */
  readonly trouble?: {
    readonly line: LineSimulatorOptions["trouble"];
    readonly genesys: SimulatorSettings["trouble"];
  };
  now?(): number;
  freeBytes?(): Promise<number>;
  /** In this process unless given. */
  launch?(launch: Launch): Promise<Running>;
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const { launch = inProcess, example, now, freeBytes, trouble, settings = {} } = options;
  const line = await startLineSimulator({
    channelSecret: secrets.LINE_CHANNEL_SECRET,
    channelAccessToken: secrets.LINE_CHANNEL_ACCESS_TOKEN,
    botUserId,
    ...(trouble?.line && { trouble: trouble.line }),
  });
  const genesys = await startGenesysSimulator({
    clientId: secrets.GENESYS_CLIENT_ID,
    clientSecret: secrets.GENESYS_CLIENT_SECRET,
    integrationId: secrets.GENESYS_INTEGRATION_ID,
    webhookSecret: secrets.GENESYS_WEBHOOK_SECRET,
    ...(trouble?.genesys && { trouble: trouble.genesys }),
  });
  const folder = mkdtempSync(join(tmpdir(), "sampan-test-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, "gateway.yaml");
  if (example !== undefined) cpSync(join(root, "examples", example), folder, { recursive: true });
  const yaml = readFileSync(join(example === undefined ? root : folder, "gateway.yaml"), "utf8");
  const moved = withSettings(movedYaml(yaml, port, line.url, genesys.url), settings);
  writeFileSync(file, options.edit?.(moved) ?? moved);
  options.prepare?.(folder);
  line.gatewayUrl = `${url}/webhooks/line`;
  genesys.gatewayUrl = `${url}/webhooks/genesys`;
  const log: string[] = [];
  let gateway: Running | undefined;
  const environment = {
    ...secrets,
    SAMPAN_PUBLIC_URL: url,
    PUBLIC_URL: url,
    ...options.environment,
  };
  const harness: Harness = {
    line,
    genesys,
    folder,
    file,
    url,
    log,
    async start() {
      gateway = await launch({
        file,
        environment,
        log,
        ...(now && { now }),
        ...(freeBytes && { freeBytes }),
      });
      await until(() => isReady(url), "the gateway is ready");
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
    agentReads: () => genesys.seen(customer).map(({ body }) => body.text ?? ""),
    customerSees: () => JSON.stringify(line.shownTo(customer)),
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

/** The same gateway on loopback, with the simulators as its platforms. */
const movedYaml = (yaml: string, port: number, lineUrl: string, genesysUrl: string) =>
  `${yaml
    .replace("port: 8080", `port: ${port}\n  host: 127.0.0.1`)
    .replace(
      /( +)channelSecret:/,
      `$1apiUrl: ${lineUrl}\n$1dataUrl: ${lineUrl}\n$1stickerUrl: ${lineUrl}\n$&`,
    )
    .replace(/( +)clientId:/, `$1apiUrl: ${genesysUrl}\n$1loginUrl: ${genesysUrl}\n$&`)}
delivery: { longestPause: 300ms }
`;

const withSettings = (
  yaml: string,
  { line = "", genesys = "" }: { line?: string; genesys?: string },
) =>
  yaml
    .replace("use: line", `${line}\n    use: line`)
    .replace("use: genesys", `${genesys}\n    use: genesys`);

const inProcess = ({ file, log, ...options }: Launch): Promise<Running> =>
  startGateway(file, { ...options, log: recordingLog(log) });

function recordingLog(lines: string[]): Log {
  const write =
    (level: string) =>
    (message: string, fields: object = {}) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log: Log = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: () => log,
  };
  return log;
}

const isReady = (url: string) =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Waits until it is true: for what other processes and the network do in their own time. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 15_000,
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
