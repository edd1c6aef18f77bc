import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const debianFolder = "/usr/lib/postgresql";

/** Where the server's programs are: POSTGRES_BIN, Debian's newest, or the PATH; undefined where there is none. */
const programs = [
  ...(process.env.POSTGRES_BIN === undefined ? [] : [process.env.POSTGRES_BIN]),
  ...debianVersions().map((version) => join(debianFolder, version, "bin")),
  ...(process.env.PATH ?? "").split(delimiter),
].find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));

/** Where there is none the tests are skipped and counted, but not in CI, where one must be. */
export const withPostgres = programs !== undefined || process.env.CI !== undefined ? describe : describe.skip;

function debianVersions(): string[] {
  if (!existsSync(debianFolder)) return [];
  return readdirSync(debianFolder).sort((one, other) => Number(other) - Number(one));
}

const password = "of-the-owner";

/** A server of its own on loopback, with all it writes in a temporary folder. */
export class Postgres {
  private constructor(
    private readonly folder: string,
    private readonly server: ChildProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<Postgres> {
    if (programs === undefined) throw new Error("there is no PostgreSQL: install postgresql, or set POSTGRES_BIN");
    const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-postgres-"));
    // The server refuses to be root's.
    const owner = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
    writeFileSync(join(folder, "password"), password, { mode: 0o644 });
    const cluster = ["-D", join(folder, "data"), "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"];
    const login = ["--auth=scram-sha-256", `--pwfile=${join(folder, "password")}`];
    execFileSync(join(programs, "initdb"), [...cluster, ...login], { cwd: folder, stdio: "ignore", ...owner });
    const port = await freePort();
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "log_statement=none"];
    const args = ["-D", join(folder, "data"), "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
    const server = spawn(join(programs, "postgres"), args, {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      ...owner,
    });
    await untilReady(server);
    return new Postgres(folder, server, port);
  }

  /**
   * Runs SQL as the server's owner.
   * @returns the rows, a line each
   */
  sql(text: string, database = "postgres"): string {
    const url = `postgres://postgres@127.0.0.1:${this.port}/${database}`;
    return execFileSync(join(programs ?? "", "psql"), [url, "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"], {
      input: text,
      encoding: "utf8",
      env: { ...process.env, PGPASSWORD: password },
      maxBuffer: 1 << 28,
    });
  }

  async stop(): Promise<void> {
    if (this.server.exitCode === null) {
      const end = once(this.server, "exit");
      // Clients are told to go, so that a test that failed midway doesn't wait for its own.
      this.server.kill("SIGINT");
      await end;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** @returns user or group of the account that Debian makes for the server */
function idOf(which: "-u" | "-g"): number {
  return Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }));
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, "close");
  return port;
}

function untilReady(server: ChildProcess): Promise<void> {
  let log = "";
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`PostgreSQL ended:\n${log}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes("ready to accept connections")) resolve();
    });
  });
}
