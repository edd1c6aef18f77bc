import { type EmulatorSettings } from "./settings";

/** Now, as v2 writes times: UTC, to the millisecond. [docs: Accounts v2, `created`] */
export function timestamp(settings: Pick<EmulatorSettings, "now">): string {
  return new Date(settings.now()).toISOString();
}
