import type { Profile } from "../kit/index.ts";
import type { StateStore } from "../store/store.ts";
import type { LiveChannel } from "./channels.ts";
import type { EventBody } from "./jobs.ts";
import { knownProfile, profileName, profileWrite } from "./memory.ts";
import { messageOf } from "./message-of.ts";

const patienceMs = 4000;

/** Who wrote, best effort: a message is never held up for long, nor lost, for want of a name. `askable`: the platform may be called. */
export async function profileOf(
  live: LiveChannel,
  { conversation, from }: EventBody,
  state: StateStore,
  now: number,
  askable = true,
): Promise<Profile> {
  if (live.channel.profile === undefined || from.role !== "customer") return {};
  const name = profileName(live.id, conversation.id, from.id ?? "");
  const known = knownProfile(state, name, now);
  if (known !== undefined) return known;
  if (!askable) return {};
  const request = { conversation, ...(from.id !== undefined && { userId: from.id }) };
  const profile = await live.channel
    .profile(request, AbortSignal.timeout(patienceMs))
    .catch((error: unknown) => {
      live.log.warn("profile not available", {
        error: messageOf(error),
      });
      return undefined;
    });
  await state.write([profileWrite(name, profile, now)]);
  return profile ?? {};
}
