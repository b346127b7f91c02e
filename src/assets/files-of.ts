import type { Accepts, Message } from "../kit/index.ts";
import type { Assets } from "./assets.ts";
import { type FileSource, fitAssets, keepAssets } from "./keep-message.ts";

type Owner = FileSource["owner"];

/** What the flow needs of the assets: its `Files`. */
export const filesOf = (assets: Assets) => ({
  keep: (message: Message, fetchMedia: FileSource["fetchMedia"], owner: Owner) =>
    keepAssets(message, { fetchMedia, owner }, assets),
  fit: (message: Message, accepts: Accepts | undefined, owner: Owner) =>
    fitAssets(message, accepts, assets, owner),
  erase: (channel: string, message: string) => assets.eraseMessage(channel, message),
});
