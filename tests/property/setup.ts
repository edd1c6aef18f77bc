import fc from "fast-check";

/**
 * The same number of runs everywhere. A failure prints its seed and path; `FC_SEED=<seed>` runs with that seed again, `FC_RUNS=<number>` more often.
 */
fc.configureGlobal({
  numRuns: Number(process.env.FC_RUNS ?? 200),
  ...(process.env.FC_SEED !== undefined && { seed: Number(process.env.FC_SEED) }),
});
