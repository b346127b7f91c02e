import { Secret, Type } from "../kit/index.ts";
import { closed, maybe, Size } from "./schema-parts.ts";

const S3 = Type.Object(
  {
    bucket: Type.String({ minLength: 3, description: "The bucket that holds the files" }),
    region: Type.String({
      ...{ minLength: 1, default: "us-east-1" },
      description: "Its region; any word where the store knows none",
    }),
    endpoint: maybe(
      Type.String({ pattern: "^https?://[^/?#]+/?$", description: "Of a store not Amazon's" }),
    ),
    prefix: Type.String({
      default: "",
      pattern: "^([\\w!.*'()-]+/)*$",
      description: "Before every key; ends with a slash",
    }),
    accessKeyId: Secret({ description: "The id of the access key, from a variable" }),
    secretAccessKey: Secret({ description: "The secret of the access key, from a variable" }),
    pathStyle: maybe(
      Type.Boolean({ description: "The bucket in the path; true where there is an endpoint" }),
    ),
  },
  { ...closed, description: "Files in a bucket instead of the folder" },
);

/** `assets:` of gateway.yaml. */
export const Assets = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      default: "data/assets",
      description: "Where files lie; with s3 only while they come in",
    }),
    retentionDays: Type.Number({
      ...{ exclusiveMinimum: 0, default: 30 },
      description: "They are removed after so many days, and their links end",
    }),
    maxBytes: Size("200MiB", "The largest file that is kept"),
    s3: maybe(S3),
  },
  { ...closed, default: {}, description: "Files that travel in messages" },
);
