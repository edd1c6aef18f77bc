/** What was looked at. Printed by `doctor --json`: later releases add some and rename none. */
export type CheckName =
  | "node"
  | "engine"
  | "pulumi-sdk"
  | "package"
  | "backend"
  | "passphrase"
  | "lock"
  | "stack"
  | "settings"
  | "environment"
  | "key"
  | "api-version"
  | "account"
  | "permissions"
  | "endpoints"
  | "clock"
  | "reads";

/** One thing that was looked at; several have the same `check` where there are several accounts, packages or settings. */
export interface Finding {
  check: CheckName;
  /** `warning`: works, but not as it should; `failed`: a run would fail; `skipped`: it couldn't be told. */
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  /** What to do; there whenever the status isn't `ok`. */
  remedy?: string;
}

export function ok(check: CheckName, message: string): Finding {
  return { check, status: "ok", message };
}

export function warning(check: CheckName, message: string, remedy: string): Finding {
  return { check, status: "warning", message, remedy };
}

export function failed(check: CheckName, message: string, remedy: string): Finding {
  return { check, status: "failed", message, remedy };
}

export function skipped(check: CheckName, message: string, remedy: string): Finding {
  return { check, status: "skipped", message, remedy };
}
