import { SampanError } from "../kit/index.ts";

/** Thrown by a function that a plug-in brought; carries no message, because that could hold what a customer wrote. */
export class FunctionFailure extends Error {
  override readonly name: string = "FunctionFailure";
  constructor(signature: string, cause: unknown) {
    const kind = cause instanceof Error ? cause.name : typeof cause;
    const code = cause instanceof SampanError ? ` ${cause.code}` : "";
    super(`${signature} threw ${kind}${code}`);
  }
}

/** An async function that failed or gave no answer in time: the world outside, so `default()` forgives it. */
export class NoAnswer extends FunctionFailure {
  override readonly name = "NoAnswer";
  /** Makes it a missing value to `default()` and `present()`. */
  readonly code = "no_answer";
  constructor(signature: string, cause: unknown, timeoutMs?: number) {
    super(signature, cause);
    if (timeoutMs !== undefined)
      this.message = `${signature} gave no answer within ${timeoutMs} ms`;
  }
}
