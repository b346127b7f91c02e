import { defineChannel, Secret, Type } from "sampan/kit";
import { createPost, limits } from "./api.ts";
import { createMedia } from "./media.ts";
import { createTokens } from "./oauth.ts";
import { receive } from "./receive.ts";
import { receives, sends } from "./schemas.ts";
import { createOutbox } from "./send.ts";
import { testing } from "./testing.ts";

const bytes = 25 * 1024 * 1024;
const anything = { types: ["*/*"], bytes };

const config = Type.Object(
  {
    region: Type.String({
      default: "mypurecloud.com",
      minLength: 1,
      description: "Domain of the organisation's region, such as mypurecloud.jp or usw2.pure.cloud",
    }),
    clientId: Type.String({ minLength: 1, description: "OAuth client (Client Credentials)" }),
    clientSecret: Secret({ description: "Secret of the OAuth client" }),
    integrationId: Type.String({
      minLength: 1,
      description: "Id of the Open Messaging integration",
    }),
    webhookSecret: Type.Union([Secret(), Type.Array(Secret(), { minItems: 1 })], {
      description: "Outbound Notification Webhook Signature Secret Token; a list while it changes",
    }),
    loginUrl: Type.Optional(
      Type.String({ pattern: "^https?://", description: "https://login.{region} unless given" }),
    ),
    apiUrl: Type.Optional(
      Type.String({ pattern: "^https?://", description: "https://api.{region} unless given" }),
    ),
  },
  { additionalProperties: false },
);

const bare = (url: string) => url.replace(/\/+$/, "");

export default defineChannel({
  name: "genesys",
  summary: "Genesys Cloud Open Messaging",
  config,
  receives,
  sends,
  limits,
  accepts: { image: anything, video: anything, audio: anything, file: anything },
  testing,
  create(settings, context) {
    const { region = "mypurecloud.com", clientId, clientSecret, integrationId } = settings;
    const loginUrl = bare(settings.loginUrl ?? `https://login.${region}`);
    const apiUrl = bare(settings.apiUrl ?? `https://api.${region}`);
    const secrets = [settings.webhookSecret].flat();
    const tokens = createTokens({ loginUrl, clientId, clientSecret }, context);
    const outbox = createOutbox(createPost(apiUrl, tokens, context), integrationId);
    return {
      receive: (call) => receive(call, secrets, context.now()),
      send: outbox.send,
      report: outbox.report,
      media: createMedia({ apiUrl, region }, tokens, context),
      async check() {
        await tokens.get();
      },
    };
  },
});
