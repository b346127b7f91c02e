/** One of CEL's own functions. `example` is an expression that is true. */
export interface CelFunction {
  readonly name: string;
  readonly signature: string;
  readonly doc: string;
  readonly example: string;
}

const of = (name: string, signature: string, doc: string, example: string): CelFunction => ({
  ...{ name, signature, doc, example },
});

/** What the engine brings and rules may use, with the presence functions that the engine was given. */
export const celFunctions: readonly CelFunction[] = [
  of(
    "default",
    "default(a, b, …): the type of all",
    "The first that is there and not empty; the last as it is",
    'default("", "x") == "x"',
  ),
  of(
    "present",
    "present(a): bool",
    "Whether it is there and neither null nor empty",
    'present("") == false',
  ),
  of(
    "has",
    "has(a.b): bool",
    "Whether the field is there, empty or not",
    '[{"a": ""}].all(x, has(x.a))',
  ),
  of(
    "size",
    "size(text or list or map): int",
    "How long it is; of a text its UTF-16 units",
    "size([1, 2]) == 2",
  ),
  of("string", "string(a): string", "As text", 'string(1) == "1"'),
  of("int", "int(a): int", "As a whole number, cut and not rounded", 'int("7") == 7'),
  of("double", "double(a): double", "As a number", 'double("1.5") == 1.5'),
  of("bool", "bool(text): bool", "As true or false", 'bool("true")'),
  of(
    "startsWith",
    "string.startsWith(string): bool",
    "Whether it begins so",
    '"order 12".startsWith("order")',
  ),
  of("endsWith", "string.endsWith(string): bool", "Whether it ends so", '"a.png".endsWith(".png")'),
  of(
    "contains",
    "string.contains(string): bool",
    "Whether it is in there",
    '"one two".contains("two")',
  ),
  of(
    "indexOf",
    "string.indexOf(string): int",
    "Where it is in there first; -1 when it is not",
    '"abc".indexOf("c") == 2',
  ),
  of(
    "lastIndexOf",
    "string.lastIndexOf(string): int",
    "Where it is in there last; -1 when it is not",
    '"abab".lastIndexOf("a") == 2',
  ),
  of(
    "lowerAscii",
    "string.lowerAscii(): string",
    "A to Z as small letters",
    '"VIP".lowerAscii() == "vip"',
  ),
  of(
    "upperAscii",
    "string.upperAscii(): string",
    "a to z as capitals",
    '"vip".upperAscii() == "VIP"',
  ),
  of("trim", "string.trim(): string", "Without spaces at both ends", '" a ".trim() == "a"'),
  of(
    "split",
    "string.split(string): list<string>",
    "The parts between a separator",
    '"a,b".split(",") == ["a", "b"]',
  ),
  of(
    "join",
    "list<string>.join(string): string",
    "One text with a separator",
    '["a", "b"].join(", ") == "a, b"',
  ),
  of(
    "map",
    "list.map(x, expression): list",
    "What the expression makes of each",
    "[1, 2].map(x, x * 2) == [2, 4]",
  ),
  of(
    "filter",
    "list.filter(x, condition): list",
    "Those for which it is true",
    "[1, 2].filter(x, x > 1) == [2]",
  ),
  of(
    "exists",
    "list.exists(x, condition): bool",
    "Whether it is true for one",
    "[1, 2].exists(x, x == 2)",
  ),
  of(
    "exists_one",
    "list.exists_one(x, condition): bool",
    "Whether it is true for exactly one",
    "[1, 2].exists_one(x, x == 2)",
  ),
  of("all", "list.all(x, condition): bool", "Whether it is true for each", "[1, 2].all(x, x > 0)"),
];

/** They are there in the engine, and no rule needs them: types, bytes, optionals and clocks. */
export const leftOut: readonly string[] = [
  ...["dyn", "type", "bytes", "uint", "timestamp", "duration", "bind"],
  ...["json", "hex", "base64", "at", "hasValue", "value", "none", "of", "or", "orValue"],
  ...["getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours"],
  ...["getMilliseconds", "getMinutes", "getMonth", "getSeconds"],
];
