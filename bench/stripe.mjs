// The embedded Stripe in a process of its own, so that what it takes is nobody else's: with latency, a rate limit where one is
// wanted, and counts of what it was asked.
import { fork } from "node:child_process";
import { once } from "node:events";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { load } from "./project.mjs";

const file = fileURLToPath(import.meta.url);

/**
 * @param latency milliseconds before each answer
 * @param rate requests a second, above which it answers 429 as Stripe does; no limit where left out
 */
export async function startStripe({ latency = 0, rate } = {}) {
  const child = fork(file, [JSON.stringify({ latency, rate })]);
  const ask = async (question) => {
    child.send(question);
    const [answer] = await once(child, "message");
    return answer;
  };
  const [{ url, apiKey }] = await once(child, "message");
  return {
    url,
    apiKey,
    /** What it was asked since the last time, and the processor time it took for that. */
    tally: () => ask("tally"),
    stop: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

async function serve({ latency, rate }) {
  const { startEmulator } = load("./dist/emulator/index.js");
  let counts = {};
  let cpu = process.cpuUsage();
  const log = ({ method, status }) => {
    const what = status === 429 ? "refused" : method === "GET" ? "reads" : "writes";
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const emulator = await startEmulator({ log });
  if (rate !== undefined) {
    // A second's worth at once, and no more than the rate from there on.
    let [tokens, filledAt] = [rate, performance.now()];
    const when = () => {
      const now = performance.now();
      [tokens, filledAt] = [Math.min(rate, tokens + ((now - filledAt) / 1000) * rate), now];
      if (tokens < 1) return true;
      tokens -= 1;
      return false;
    };
    emulator.fail({ with: 429, when, times: Infinity });
  }
  if (latency > 0) emulator.fail({ with: `slow:${latency}`, times: Infinity });
  process.on("message", () => {
    const { user, system } = process.cpuUsage(cpu);
    process.send({ reads: 0, writes: 0, refused: 0, ...counts, cpuMs: (user + system) / 1000 });
    [counts, cpu] = [{}, process.cpuUsage()];
  });
  process.once("disconnect", () => void emulator.close());
  process.send({ url: emulator.url, apiKey: emulator.apiKey });
}

if (argv[1] === file) await serve(JSON.parse(argv[2]));
