import { advice } from "../../cli/drift-advice";
import { driftText } from "../../cli/drift-text";
import { type Shell } from "../../cli/shell";
import { reportOf } from "./drift-sample";

const output = { write: () => undefined };
const shell: Shell = { env: {}, stdout: output, stderr: output, untilStopped: () => Promise.resolve(), exitCode: 0 };

test("a reason or a note of several lines is told in one", () => {
  const reason = "no such key\n  Stripe: 401; request req_1\n  To do: set a valid key";
  const text = driftText(
    shell,
    reportOf([{ status: "failed", detail: reason }], { notes: [`prices: ${reason}`] }),
    undefined,
  );
  const line = "no such key; Stripe: 401; request req_1; To do: set a valid key";
  expect(text).toContain(`failed (${line})\n`);
  expect(text).toContain(`Note: prices: ${line}\n`);
});

// An order and a session have no `active`, and a refresh brings back what the code says of it only.
test("what to do about what is archived is true of all kinds", () => {
  expect(advice.archived).toMatch(
    /^declare active: true, where the kind has it, and pulumi up --refresh brings it back/,
  );
  expect(advice.archived).toMatch(
    /what was canceled or ended is taken out of the program, .* repurchase, which buys again/,
  );
});
