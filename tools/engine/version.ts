/** The engine this package installs where it finds none; the Go modules in `cli/` and `language-nodejs/` pin the same one. */
export const WANTED_VERSION = "3.259.0";

/** The oldest engine on the PATH that is used as it is: the oldest `@pulumi/pulumi` this package accepts. */
export const OLDEST_VERSION = "3.248.0";

/**
 * Reads what `pulumi version` prints (`v3.259.0`, `v3.260.0-dev.0`) and gives it back without the `v`; undefined
 * when it isn't a version, as with an engine built without its version stamp.
 */
export function parseVersion(text: string): string | undefined {
  return /^v?(\d+\.\d+\.\d+\S*)$/m.exec(text.trim())?.[1];
}

/** Whether `version` may stand in for the wanted engine: same major version, not older than {@link OLDEST_VERSION}. */
export function isUsable(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number);
  const [oldestMajor = 0, oldestMinor = 0, oldestPatch = 0] = OLDEST_VERSION.split(".").map(Number);
  return major === oldestMajor && (minor > oldestMinor || (minor === oldestMinor && patch >= oldestPatch));
}
