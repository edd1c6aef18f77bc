import { type AddressInfo, createServer } from "node:net";
import { type Dispatcher, request } from "undici";
import { deadline, dispatcherFor } from "../../provider/dispatcher";

describe("a deadline", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** A request as the dispatcher sees it: what it is told when, and how it is ended. */
  function begun() {
    let told: Dispatcher.DispatchHandler = {};
    const aborted: Error[] = [];
    const controller = { abort: (reason: Error) => void aborted.push(reason) } as Dispatcher.DispatchController;
    const dispatch = deadline(1000)((_options, handler) => {
      told = handler;
      return true;
    });
    dispatch({ path: "/", method: "GET" }, {});
    return { told, controller, aborted };
  }

  test("counts the time since the request was sent, however little of it was silent", () => {
    const { told, controller, aborted } = begun();
    jest.advanceTimersByTime(5000);
    told.onRequestStart?.(controller, {});
    jest.advanceTimersByTime(900);
    told.onResponseStart?.(controller, 200, {});
    told.onResponseData?.(controller, Buffer.from("{"));
    expect(aborted).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(aborted).toMatchObject([{ code: "UND_ERR_BODY_TIMEOUT" }]);
  });

  test.each(["end", "error"])("an %s leaves no timer behind", (how) => {
    const { told, controller, aborted } = begun();
    told.onRequestStart?.(controller, {});
    if (how === "end") told.onResponseEnd?.(controller, {});
    else told.onResponseError?.(controller, new Error("cut"));
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(5000);
    expect(aborted).toEqual([]);
  });
});

test("a proxy that takes the connection and never opens the way is waited for as long as a connection", async () => {
  const proxy = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const before = process.env.HTTPS_PROXY;
  process.env.HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const dispatcher = dispatcherFor({ apiBase: "https://stripe.invalid", timeoutMs: 1 });
    await expect(request("https://stripe.invalid", { dispatcher })).rejects.toThrow("Headers Timeout Error");
  } finally {
    if (before === undefined) delete process.env.HTTPS_PROXY;
    else process.env.HTTPS_PROXY = before;
    proxy.close();
  }
});
