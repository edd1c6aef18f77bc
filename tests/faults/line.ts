import { createServer, connect as connectTo, type AddressInfo, type Server, type Socket } from "node:net";

/** A way to the emulator that can be cut for good: then nothing listens there, and connections are refused. */
export class Line {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(port: number): Promise<Line> {
    const server = createServer();
    const line = new Line(server);
    server.on("connection", (near) => {
      const far = connectTo(port, "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        line.sockets.add(socket);
        socket.on("close", () => {
          line.sockets.delete(socket);
          other.destroy();
        });
        socket.on("error", () => other.destroy());
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  end(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
