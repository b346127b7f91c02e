import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GenesysSimulator, startGenesysSimulator } from "../../plugins/genesys/simulator.ts";
import { type LineSimulator, startLineSimulator } from "../../plugins/line/simulator.ts";

/** Starts a gateway from a gateway.yaml; `sampan`'s own `startGateway` fits. */
export type StartGateway = (
  file: string,
  options?: { environment?: Readonly<Record<string, string | undefined>> },
) => Promise<{ readonly url: string; stop(): Promise<void> }>;

export interface World {
  readonly line: LineSimulator;
  readonly genesys: GenesysSimulator;
  readonly gatewayUrl: string;
  close(): Promise<void>;
}

const secrets = {
  LINE_CHANNEL_SECRET: "demo-channel-secret",
  LINE_CHANNEL_ACCESS_TOKEN: "demo-channel-access-token",
  GENESYS_CLIENT_ID: "demo-client",
  GENESYS_CLIENT_SECRET: "demo-client-secret",
  GENESYS_INTEGRATION_ID: "00000000-0000-4000-8000-000000000001",
  GENESYS_WEBHOOK_SECRET: "demo-webhook-secret",
};

/** Two simulated platforms and a real gateway between them, all on loopback. */
export async function startWorld(start: StartGateway): Promise<World> {
  const line = await startLineSimulator({
    channelSecret: secrets.LINE_CHANNEL_SECRET,
    channelAccessToken: secrets.LINE_CHANNEL_ACCESS_TOKEN,
    botUserId: "U00000000000000000000000000000b07",
  });
  const genesys = await startGenesysSimulator({
    clientId: secrets.GENESYS_CLIENT_ID,
    clientSecret: secrets.GENESYS_CLIENT_SECRET,
    integrationId: secrets.GENESYS_INTEGRATION_ID,
    webhookSecret: secrets.GENESYS_WEBHOOK_SECRET,
  });
  const folder = mkdtempSync(join(tmpdir(), "sampan-demo-"));
  const port = await freePort();
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, gatewayYaml(port, line.url, genesys.url));
  const gateway = await start(file, { environment: secrets });
  line.gatewayUrl = `${gateway.url}/webhooks/line`;
  genesys.gatewayUrl = `${gateway.url}/webhooks/genesys`;
  await isReady(gateway.url);
  return {
    line,
    genesys,
    gatewayUrl: gateway.url,
    async close() {
      await gateway.stop();
      await line.close();
      await genesys.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const gatewayYaml = (port: number, lineUrl: string, genesysUrl: string) => `
server: { port: ${port}, host: 127.0.0.1, publicUrl: "http://127.0.0.1:${port}" }
store: data/sampan.db
log: { level: silent }
channels:
  line:
    use: line
    with:
      channelSecret: \${ env.LINE_CHANNEL_SECRET }
      channelAccessToken: \${ env.LINE_CHANNEL_ACCESS_TOKEN }
      apiUrl: ${lineUrl}
      dataUrl: ${lineUrl}
      stickerUrl: ${lineUrl}
  genesys:
    use: genesys
    with:
      clientId: \${ env.GENESYS_CLIENT_ID }
      clientSecret: \${ env.GENESYS_CLIENT_SECRET }
      integrationId: \${ env.GENESYS_INTEGRATION_ID }
      webhookSecret: \${ env.GENESYS_WEBHOOK_SECRET }
      loginUrl: ${genesysUrl}
      apiUrl: ${genesysUrl}
routes:
  - connect: [line, genesys]
`;

async function isReady(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { status } = await fetch(`${url}/readyz`);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url}/readyz never said 200`);
}

function freePort(): Promise<number> {
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
