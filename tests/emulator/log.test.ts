import { type LoggedRequest } from "../../emulator/log";
import { Newest } from "../../emulator/newest";

const entry = (at: number): LoggedRequest => ({
  method: "GET",
  path: "/",
  query: {},
  params: {},
  headers: {},
  status: 200,
  ms: 1,
  requestId: "req_1",
  replayed: false,
  at,
});

test("the newest requests stay, in their order", () => {
  const log = new Newest<LoggedRequest>(3);
  expect(log.list()).toEqual([]);
  for (let at = 1; at <= 20; at += 1) {
    log.add(entry(at));
    expect(log.list().map((logged) => logged.at)).toEqual([at - 2, at - 1, at].filter((kept) => kept > 0));
  }
  log.clear();
  expect(log.list()).toEqual([]);
});
