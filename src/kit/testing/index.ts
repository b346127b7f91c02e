/** `sampan/kit/testing`: the contract of plug-ins as test cases, for any test runner. */
export type { Case } from "./case.ts";
export { channelCases } from "./channel-cases.ts";
export {
  type LogEntry,
  memoryState,
  type TestContext,
  type TestContextOptions,
  testContext,
} from "./context.ts";
export {
  type CallFixture,
  type ChannelFixtures,
  type ExpectedFailure,
  type Proof,
  post,
  type SendFixture,
} from "./fixtures.ts";
export { type MapperFixtures, mapperCases } from "./mapper-cases.ts";
export {
  noAnswer,
  type Script,
  type ScriptedAnswer,
  type ScriptedFetch,
  type ScriptedRequest,
  scriptedFetch,
} from "./scripted-fetch.ts";
