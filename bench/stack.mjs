// A stack of a contestant's on the real engine, with a Stripe of its own.
import { join } from "node:path";
import { execPath } from "node:process";
import { watch } from "./processes.mjs";
import { environmentOf, makeProject, root } from "./project.mjs";
import { startStripe } from "./stripe.mjs";

/** Without checkpoints: see docs/fast-mode.md. */
export const fastMode = { PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" };

/** Each command, as arguments of `pulumi`, and the text that the program gives its resources. */
export const steps = {
  create: { args: ["up", "--skip-preview"], text: "first" },
  "no-op up": { args: ["up", "--skip-preview"], text: "first" },
  update: { args: ["up", "--skip-preview"], text: "second" },
  refresh: { args: ["refresh", "--skip-preview"], text: "second" },
  destroy: { args: ["destroy", "--skip-preview"], text: "second" },
};

/**
 * @param engine what getEngine of dist/tools/engine found
 * @param contestant its program, and what its environment has besides
 * @param limits of its Stripe: latency in milliseconds, and requests a second where there is a limit
 */
export async function openStack(engine, { program, env = {} }, limits) {
  const { folder, remove } = makeProject(program);
  const stripe = await startStripe(limits);
  const environment = {
    ...environmentOf(folder, engine, stripe),
    ...env,
    // Where Stripe has no limit nobody waits for one.
    STRIPE_MAX_REQUESTS_PER_SECOND: String(limits.rate ?? 100_000),
  };
  const run = async (command, args, extra = {}) => {
    await stripe.tally();
    const done = await watch(command, args, { cwd: folder, env: { ...environment, ...extra } });
    if (done.code !== 0) {
      throw new Error(`${command} ${args.join(" ")} ended with ${done.code}\n${done.stdout}\n${done.stderr}`);
    }
    const { cpuMs: stripeMs, ...calls } = await stripe.tally();
    return { ...done, calls, stripeMs };
  };
  await run("pulumi", ["stack", "init", "bench", "--non-interactive"]);
  return {
    folder,
    stripe,
    /** One of the steps above, with so many resources. */
    step: (name, count) => {
      const { args, text } = steps[name];
      const all = [...args, "--yes", "--non-interactive", "--stack", "bench"];
      return run("pulumi", all, { BENCH_N: String(count), BENCH_TEXT: text });
    },
    drift: () => run(execPath, [join(root, "dist", "cli", "main.js"), "drift", "--stack", "bench"]),
    close: async () => {
      await stripe.stop();
      remove();
    },
  };
}
