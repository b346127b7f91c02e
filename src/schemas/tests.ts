import { kindNames } from "../kit/index.ts";
import type { Registry } from "../registry.ts";
import { verbs } from "../testing/steps.ts";
import type { Schema } from "./relaxed.ts";

const text = (description: string): Schema => ({ type: "string", description });
const any = (description: string): Schema => ({ description });
const mapping = (description: string): Schema => ({ type: "object", description });
const closed = { additionalProperties: false };

/** A `*.test.yaml`. */
export function testsSchema(registry: Registry): Schema {
  const plugins = [...registry.channels.values()];
  const events = [...new Set(plugins.flatMap(({ receives }) => Object.keys(receives)))];
  const head = {
    description: text("For people"),
    clock: text("The time when it begins, ISO 8601"),
    stubs: mapping("Name of a function of rules: what it gives"),
  };
  const cast = {
    channels: mapping("By id: what plays in the flows, as in gateway.yaml"),
    routes: { type: "array", description: "Who is connected with whom" },
  };
  const given = {
    type: "object",
    properties: {
      receive: {
        description: "The kind of a native event",
        anyOf: [{ enum: events }, { type: "string" }],
      },
      send: { description: "The kind of a message", enum: kindNames },
      event: any("The native event, laid over base.event"),
      message: any("The message's fields"),
      ...{
        from: any("Who"),
        conversation: any("Where"),
        profile: any("What the platform says of them"),
      },
      ...steps(),
    },
    ...closed,
  };
  const expected = {
    type: "object",
    properties: {
      rule: text("The id of the rule that is taken, or none"),
      emit: any("What comes of it, in part"),
      emitExactly: any("What comes of it, whole"),
      error: any("The code of what goes wrong"),
      ...steps(),
    },
    ...closed,
  };
  return {
    title: "Tests of Sampan's rules",
    type: "object",
    required: ["tests"],
    properties: {
      mapping: text("The rules that are tested; those beside the file unless given"),
      suite: text("What is tested"),
      base: mapping("Laid under every given:"),
      ...head,
      ...cast,
      tests: {
        type: "array",
        minItems: 1,
        items: {
          type: "object",
          required: ["name"],
          properties: {
            name: text("A sentence"),
            ...{ ...head, ...cast, given, expect: expected },
            steps: {
              type: "array",
              description: "Through the whole gateway, one after the other",
              items: { type: "object", properties: steps(), ...closed },
            },
          },
          ...closed,
        },
      },
    },
    ...closed,
  };
}

const steps = (): Record<string, Schema> => Object.fromEntries(verbs.map((key) => [key, {}]));
