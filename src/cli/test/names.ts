/** How `sampan test` can tell its results. */
export const reporterNames = ["pretty", "tap", "junit", "json"] as const;
export type Reporter = (typeof reporterNames)[number];
