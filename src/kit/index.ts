/** `sampan/kit`: all that a plug-in may import from Sampan. */
import type { ChannelPlugin } from "./channel.ts";
import type { MapperPlugin } from "./mapper.ts";

export type Plugin = ChannelPlugin | MapperPlugin;
export * from "./channel.ts";
export * from "./channel-testing.ts";
export * from "./diagnostic.ts";
export * from "./errors.ts";
export * from "./limits.ts";
export * from "./mapper.ts";
export * from "./message.ts";
export * from "./schema.ts";
