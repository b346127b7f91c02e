import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Server, startServer } from "./process.ts";

const root = join(import.meta.dirname, "..");
export const secret = "line-channel-secret";

export interface Bench {
  readonly gateway: Server;
  /** Of the fake Genesys. */
  readonly genesys: Server;
  readonly webhook: string;
  stop(): Promise<void>;
}

const contender = (name: string) => join(root, "bench", "contenders", `${name}.ts`);
const urlIn = (line: string) => /(http:\S+)/.exec(line)?.[1];

/** One of `contenders/`, which all listen for the same webhooks. */
export const startContender = (name: string, environment: Readonly<Record<string, string>> = {}) =>
  startServer([contender(name)], urlIn, { LINE_CHANNEL_SECRET: secret, ...environment });

/** The built gateway between two fakes that only take and count. */
export async function startSampan(): Promise<Bench> {
  const line = await startServer([contender("line")], urlIn);
  const genesys = await startServer([contender("genesys")], urlIn);
  const folder = mkdtempSync(join(tmpdir(), "sampan-bench-"));
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, gatewayYaml(line.url, genesys.url));
  const gateway = await startServer(
    [join(root, "bin", "sampan.cjs"), "start", "--config", file],
    (entry) => {
      const { msg, port } = JSON.parse(entry) as { msg?: string; port?: number };
      return msg === "listening" ? `http://127.0.0.1:${port}` : undefined;
    },
  );
  return {
    gateway,
    genesys,
    webhook: `${gateway.url}/webhooks/line`,
    async stop() {
      await gateway.stop();
      await Promise.all([line.stop(), genesys.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

const gatewayYaml = (line: string, genesys: string) => `
server: { port: 0, host: 127.0.0.1, publicUrl: "http://127.0.0.1" }
store: sampan.db
log: { level: info }
channels:
  line:
    use: line
    with: { apiUrl: "${line}", dataUrl: "${line}", channelSecret: ${secret}, channelAccessToken: token-of-the-bench }
  genesys:
    use: genesys
    with: { apiUrl: "${genesys}", loginUrl: "${genesys}", clientId: id, clientSecret: secret-of-the-bench, integrationId: bench, webhookSecret: secret-of-the-bench }
routes:
  - connect: [line, genesys]
`;
