import { Serial } from "../../provider/serial";

/** Work that ends when it is told to. */
function task(log: string[], name: string) {
  let end: (error?: Error) => void = () => undefined;
  const work = () =>
    new Promise<string>((resolve, reject) => {
      log.push(`${name} begins`);
      end = (error) => (error === undefined ? resolve(name) : reject(error));
    });
  return { work, end: (error?: Error) => end(error) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("what has the same key waits, what has another doesn't", async () => {
  const serial = new Serial();
  const log: string[] = [];
  const [a, b, c] = [task(log, "a"), task(log, "b"), task(log, "c")];
  const results = [serial.run("x", a.work), serial.run("x", b.work), serial.run("y", c.work)];
  await settle();
  expect(log).toEqual(["a begins", "c begins"]);
  a.end();
  await settle();
  expect(log).toEqual(["a begins", "c begins", "b begins"]);
  b.end();
  c.end();
  expect(await Promise.all(results)).toEqual(["a", "b", "c"]);
});

test("a failure is its own caller's, and the next goes on", async () => {
  const serial = new Serial();
  const log: string[] = [];
  const [a, b] = [task(log, "a"), task(log, "b")];
  const [first, second] = [serial.run("x", a.work), serial.run("x", b.work)];
  const failed = expect(first).rejects.toThrow("no");
  await settle();
  a.end(new Error("no"));
  await failed;
  await settle();
  b.end();
  expect(await second).toBe("b");
});

test("nothing is remembered of what has ended", async () => {
  const serial = new Serial();
  for (let turn = 0; turn < 3; turn++) await serial.run("x", async () => turn);
  await settle();
  expect(Reflect.get(serial, "last")).toEqual(new Map());
});
