import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Batch } from "./exchange";
import { type Panel } from "./panel";

/** Judges that the workers of a run can ask. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Lets every worker put its batches before one panel: the OpenAPI is read and compiled once, not per test file. */
export async function serve(panel: Panel): Promise<Served> {
  const judge = async (incoming: IncomingMessage): Promise<string> =>
    JSON.stringify(await panel.judge(JSON.parse(await text(incoming)) as Batch));
  const server = createServer((incoming, response) => {
    judge(incoming).then(
      (verdict) => response.end(verdict),
      (error: Error) => response.writeHead(500).end(error.stack),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
