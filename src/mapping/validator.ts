import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import { fitsLimit, type LimitKeyword, limitKeywords, limitText } from "../kit/index.ts";
import { discriminated } from "./discriminate.ts";

/** Says what is wrong with a value by its path (`/items/0/label must be string`), never by its content. */
export type Validator = (value: unknown) => string | undefined;

// `strict: false`: schemas carry words of ours, such as `secret`, that ajv does not know.
const options = { strict: false, allErrors: true };
const ajv = new Ajv(options);
const filling = new Ajv({ ...options, useDefaults: true });
for (const each of [ajv, filling]) {
  formats.default(each);
  addLimits(each);
}

/** The limits that JSON Schema cannot say; see `limits.ts` of the kit. */
function addLimits(to: Ajv): void {
  for (const [keyword, measure] of Object.entries(limitKeywords)) {
    to.addKeyword({
      keyword: keyword as LimitKeyword,
      schemaType: "number",
      compile: (limit: number) => (value: unknown) => fitsLimit(value, measure, limit),
      error: {
        message: ({ schema }) => `must NOT have more than ${limitText(Number(schema), measure)}`,
      },
    });
  }
}

const branch = /^(.*\/(?:anyOf|oneOf)\/\d+)\/properties\/[^/]+\/(?:const|enum)$/;

/** The error that says most: not of a union's branch that was never meant, and as deep as there is one. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const unmeant = errors.flatMap(({ schemaPath }) => branch.exec(schemaPath)?.[1] ?? []);
  const meant = errors.filter(
    ({ schemaPath }) => !unmeant.some((path) => schemaPath.startsWith(`${path}/`)),
  );
  const specific = meant.filter(({ keyword }) => keyword !== "anyOf" && keyword !== "oneOf");
  const depth = ({ instancePath }: ErrorObject) => instancePath.split("/").length;
  const [first] = [...(specific.length > 0 ? specific : meant)].sort((a, b) => depth(b) - depth(a));
  return first ?? errors[0];
}

function verdict(validate: ValidateFunction): Validator {
  return (value) => {
    if (validate(value)) return undefined;
    const error = mostTelling(validate.errors ?? []);
    return `${error?.instancePath || "the whole"} ${error?.message ?? "does not fit"}`;
  };
}

const compiled = new WeakMap<object, Validator>();

/** A check against a JSON Schema, compiled once per schema object. Throws when the schema itself is faulty. */
export function validator(schema: object): Validator {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = verdict(ajv.compile(discriminated(schema)));
  compiled.set(schema, made);
  return made;
}

/** Like {@link validator}, and writes the schema's defaults into the value. */
export const fillingValidator = (schema: object): Validator => verdict(filling.compile(schema));
