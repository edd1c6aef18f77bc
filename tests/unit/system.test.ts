/** A program that couldn't be started left a timer behind: a machine without Go kept `stripe-as-code engine` for half a minute. */
import { realSystem } from "../../tools/engine/system";

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("nothing is left of a program that isn't there", async () => {
  const before = timers();
  expect(await realSystem().run("no-such-program", [], { timeoutMs: 60_000 })).toMatchObject({
    code: null,
    problem: "not found",
  });
  expect(timers()).toBe(before);
});

test("a program that takes too long is ended, one that doesn't is not", async () => {
  const system = realSystem();
  expect(await system.run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { timeoutMs: 10 })).toMatchObject({
    code: null,
    problem: "ended by SIGTERM",
  });
  expect(await system.run(process.execPath, ["-e", "process.exitCode = 3"], { timeoutMs: 60_000 })).toMatchObject({
    code: 3,
  });
});
