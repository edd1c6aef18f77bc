import { createRequire } from "node:module";

/** This package's own package.json: beside cli/ in the source, one folder further up from what is compiled into dist/. */
export function ownPackage(): { version: string } {
  const path = __filename.endsWith(".ts") ? "../package.json" : "../../package.json";
  return createRequire(__filename)(path) as ReturnType<typeof ownPackage>;
}

/** How to get this package. It is on no registry: whoever takes the name there would have their code run beside the key. */
export function installCommand(): string {
  return `npm install <path to stripe-as-code-${ownPackage().version}.tgz>`;
}
