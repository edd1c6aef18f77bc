import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** The engine as the host sees it: it takes messages for the rows of resources, and nothing else. */
export class EngineLog {
  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
  ) {}

  static async start(): Promise<EngineLog> {
    const server = new grpc.Server();
    // What a host never asks for is answered "unimplemented" by gRPC itself.
    server.addService(
      { log: EngineService.log },
      { log: (_call: unknown, callback: (error: null, answer: Empty) => void) => callback(null, new Empty()) },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    return new EngineLog(server, `127.0.0.1:${port}`);
  }

  close(): void {
    this.server.forceShutdown();
  }
}
