import { SampanError } from "../kit/index.ts";

/**
 * What of an error may stand in a log, a job's detail or a receipt. Ours hold no text of a person, by contract;
 * a parser's quotes what it could not read.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "thrown without an Error";
  if (error instanceof SyntaxError && !(error instanceof SampanError)) {
    return "something could not be parsed (SyntaxError)";
  }
  return error.message;
}
