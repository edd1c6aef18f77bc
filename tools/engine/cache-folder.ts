import { join } from "node:path";
import { type EngineSystem } from "./system";

/** The folder of this user that keeps what is built once: engines, one folder per version, or tools that judge. */
export function cacheFolder(
  { env, platform, home }: Pick<EngineSystem, "env" | "platform" | "home">,
  content: "engine" | "judges" = "engine",
): string {
  return join(userCache(env, platform, home), "stripe-as-code", content);
}

function userCache(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  // Set by hand it is meant, whatever the platform; the specification says to ignore relative ones.
  if (env.XDG_CACHE_HOME?.startsWith("/")) return env.XDG_CACHE_HOME;
  if (platform === "win32") return env.LOCALAPPDATA ?? join(home, "AppData", "Local");
  return platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}
