import { createRequire } from "node:module";

/** This package's own package.json: beside cli/ in the source, one folder further up from what is compiled into dist/. */
export function ownPackage(): { version: string; peerDependencies: Record<string, string> } {
  const path = __filename.endsWith(".ts") ? "../package.json" : "../../package.json";
  return createRequire(__filename)(path) as ReturnType<typeof ownPackage>;
}
