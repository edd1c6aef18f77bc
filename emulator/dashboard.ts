import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page's files are not compiled: beside this one in the source, and there too for what is compiled into dist/. */
const folder = [join(__dirname, "dashboard"), join(__dirname, "../../emulator/dashboard")].find((path) =>
  existsSync(join(path, "index.html")),
);

const prefix = "/_emulator/dashboard/";

/** Nothing on the page comes from elsewhere, nothing elsewhere may hold it or be told where it was. */
const headers: OutgoingHttpHeaders = {
  "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
};

let names: ReadonlySet<string> | undefined;

/** The file a path names, undefined where it is none of the page's. */
export function dashboardFile(method: string, path: string): string | undefined {
  if ((method !== "GET" && method !== "HEAD") || folder === undefined) return undefined;
  const name = path === "/" ? "index.html" : path.startsWith(prefix) ? path.slice(prefix.length) : "";
  // Only what is in the folder by just this name, so that no path leads out of it.
  names ??= new Set(readdirSync(folder).filter((file) => types[extname(file)] !== undefined));
  return names.has(name) ? join(folder, name) : undefined;
}

export function sendFile(response: ServerResponse, file: string): void {
  const body = readFileSync(file);
  response.writeHead(200, { ...headers, "Content-Type": types[extname(file)], "Content-Length": body.length });
  response.end(body);
}
