import { YAMLMap } from "yaml";
import { withoutSecrets } from "../../config/secrets.ts";
import { SampanError } from "../../kit/index.ts";
import type { FlowCase } from "../../testing/read.ts";
import type { Workshop } from "../test/load.ts";

/** All channels of gateway.yaml, with its open options and made-up credentials. */
export function wholeCast({ draft, registry }: Workshop): FlowCase {
  const channels = Object.entries(draft?.value.channels ?? {}).map(([id, channel]) => {
    const schema = registry.channels.get(channel.use)?.config ?? {};
    const open = Object.entries(Object(withoutSecrets(schema, channel.with)));
    return [id, { with: Object.fromEntries(open.filter(([, value]) => value != null)) }];
  });
  if (channels.length === 0) {
    throw new SampanError("explain.config", "there is no gateway.yaml with channels", {
      hint: "name it with --config",
    });
  }
  return {
    ...{ level: "flow", name: "explain", line: 1, node: new YAMLMap(), stubs: {}, steps: [] },
    ...{ clock: "2026-01-01T00:00:00Z", channels: Object.fromEntries(channels) },
    routes: undefined,
  };
}
