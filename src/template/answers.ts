import { SampanError } from "../kit/index.ts";
import { weightOf } from "./budget.ts";
import { NoAnswer } from "./function-failure.ts";

/** One call of an async function, its arguments as plain JSON. */
export interface AsyncCall {
  readonly signature: string;
  readonly args: readonly unknown[];
  /** What the plug-in brought; the last argument is a signal that aborts at the timeout. */
  readonly handler: (...args: unknown[]) => unknown;
  /** The answer as rules see it; may throw. */
  readonly shape: (answer: unknown) => unknown;
  readonly timeoutMs: number;
  /** 0: an answer serves one run only. */
  readonly cacheSeconds: number;
}

type Answer = { readonly value: unknown } | { readonly failure: NoAnswer };

/** Stops a run until there is an answer. Not an Error on purpose: the engine's exists(), all(), && and || collect those. */
export class Question {
  readonly key: string;
  readonly answer: Promise<Answer>;
  constructor(key: string, answer: Promise<Answer>) {
    this.key = key;
    this.answer = answer;
  }
}

/** So many calls may one run wait for, one after the other. */
const maxQuestions = 20;
const maxKept = 1000;
/** What is larger is asked for again rather than kept. */
const maxKeptSize = 10_000;

/**
 * What async functions answered. Rules are run synchronously: one that asks stops, and is run again from the start
 * when the answer is there, which rules, being pure, do not notice. Rules that ask nothing pay nothing.
 */
export class Answers {
  /** What the run under way was answered so far; undefined in a run that cannot wait. */
  #run: Map<string, Answer> | undefined;
  /** The question that stopped the run under way. The engine may have taken its throw for a value. */
  open: Question | undefined;
  readonly #asked = new Map<string, Promise<Answer>>();
  readonly #kept = new Map<string, { readonly answer: Answer; readonly until: number }>();

  /** Runs `work` until nothing that it asks is unanswered. Throws what it throws, and `rule.too-many-calls`. */
  async settled<T>(work: () => T): Promise<T> {
    const run = new Map<string, Answer>();
    for (;;) {
      const attempt = this.#attempt(run, work);
      if ("made" in attempt) return attempt.made;
      if (run.size >= maxQuestions) {
        throw new SampanError(
          "rule.too-many-calls",
          `the rule waits for more than ${maxQuestions} calls of async functions`,
          { hint: "ask for a whole list in one call instead of in a loop" },
        );
      }
      run.set(attempt.question.key, await attempt.question.answer);
    }
  }

  /** The answer to a call. Throws the `Question` when there is none yet, and `NoAnswer` when there will be none. */
  get(call: AsyncCall): unknown {
    const key = JSON.stringify([call.signature, call.args]);
    const known = this.#run?.get(key) ?? this.#recall(key);
    if (known !== undefined) {
      // A run sees one answer, also when it ends after the cache forgot.
      this.#run?.set(key, known);
      return settledValue(known);
    }
    const asked = this.#asked.get(key) ?? this.#ask(key, call);
    if (!(asked instanceof Promise)) {
      this.#run?.set(key, asked);
      return settledValue(asked);
    }
    if (this.#run === undefined) {
      const message = `${call.signature} is asynchronous, and nothing can wait for it here`;
      throw new SampanError("rule.async", message);
    }
    this.open = new Question(key, asked);
    throw this.open;
  }

  #attempt<T>(run: Map<string, Answer>, work: () => T): { made: T } | { question: Question } {
    this.#run = run;
    this.open = undefined;
    try {
      return { made: work() };
    } catch (error) {
      if (error instanceof Question) return { question: error };
      throw error;
    } finally {
      this.#run = undefined;
      this.open = undefined;
    }
  }

  /** Those who ask the same at the same time share one call. A handler that answers at once needs no waiting. */
  #ask(key: string, call: AsyncCall): Promise<Answer> | Answer {
    const answer = ask(call);
    if (!(answer instanceof Promise)) return answer;
    const shared = answer.then((each) => {
      this.#asked.delete(key);
      this.#keep(key, each, call.cacheSeconds);
      return each;
    });
    this.#asked.set(key, shared);
    return shared;
  }

  #recall(key: string): Answer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (Date.now() < kept.until) return kept.answer;
    this.#kept.delete(key);
    return undefined;
  }

  #keep(key: string, answer: Answer, seconds: number): void {
    if (seconds <= 0 || "failure" in answer) return;
    if (key.length + weightOf(answer.value) > maxKeptSize) return;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= maxKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, { answer, until: Date.now() + seconds * 1000 });
  }
}

function settledValue(answer: Answer): unknown {
  if ("failure" in answer) throw answer.failure;
  return answer.value;
}

/** Never rejects: that nobody answers is an answer too. */
function ask(call: AsyncCall): Promise<Answer> | Answer {
  const { signature, args, handler, shape, timeoutMs } = call;
  const failed = (cause: unknown) => ({ failure: new NoAnswer(signature, cause) });
  const answered = (value: unknown): Answer => {
    try {
      return { value: shape(value) };
    } catch (error) {
      return failed(error);
    }
  };
  const aborting = new AbortController();
  let given: unknown;
  try {
    given = handler(...args, aborting.signal);
  } catch (error) {
    return failed(error);
  }
  if (!(given instanceof Promise)) return answered(given);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      const failure = new NoAnswer(signature, undefined, timeoutMs);
      aborting.abort(failure);
      resolve({ failure });
    }, timeoutMs);
    given
      .then(answered, failed)
      .then(resolve)
      .finally(() => clearTimeout(timer));
  });
}
