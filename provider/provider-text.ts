import { type KindName } from "./registry";

/**
 * What the engine keeps as `__provider` of every resource of a kind: text that loads the handlers from the program's own
 * folder. It never changes between releases, so that an upgrade shows no difference, and every text ever published has to
 * go on working, as old state holds it.
 */
export function providerText(kind: KindName): string {
  return `exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('${kind}')`;
}
