import { createRequire } from "node:module";
import type * as EngineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as EngineProto from "@pulumi/pulumi/proto/engine_pb";

/** Shows a message on the row of a resource. */
export type Say = (urn: unknown, severity: "info" | "warning", message: string) => void;

/** A URN that isn't of this form makes the engine panic in mid-update (measured with engine 3.259.0). */
const urnForm = /^urn:pulumi:[^:]+::[^:]+::[^:]\S*::.+$/s;

/**
 * Logs through the engine that started this dynamic host. Anywhere else, and where that fails, it prints: the host's standard output is shown under the stack.
 */
export function engineLog(address: string | undefined): Say {
  if (address === undefined) return (_urn, _severity, message) => console.log(message);
  let send: Say | undefined;
  return (urn, severity, message) => (send ??= connect(address))(urn, severity, message);
}

function connect(address: string): Say {
  // gRPC is taken from where @pulumi/pulumi finds it, so that its message classes and the channel agree.
  const load = createRequire(require.resolve("@pulumi/pulumi/package.json"));
  const grpc = load("@grpc/grpc-js") as { credentials: { createInsecure(): never } };
  const { EngineClient } = load("@pulumi/pulumi/proto/engine_grpc_pb") as typeof EngineGrpc;
  const { LogRequest, LogSeverity } = load("@pulumi/pulumi/proto/engine_pb") as typeof EngineProto;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (urn, severity, message) => {
    const entry = new LogRequest();
    entry.setSeverity(severity === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
    entry.setMessage(message);
    entry.setUrn(typeof urn === "string" && urnForm.test(urn) ? urn : "");
    client.log(entry, (error: unknown) => {
      if (error !== null && error !== undefined) console.log(message);
    });
  };
}
