import { type ControlRoute } from "./control";
import { accountOf } from "./scope";

/** What the page asks for, beside what everyone may. */
export const inspectRoutes = {
  "GET /_emulator/steps": {
    fields: { kind: "string", account: "string" },
    required: [],
    run({ inspector }, settings, values, own) {
      const { kind } = values as { kind?: string };
      const { account = settings.accountId } = accountOf(values, own);
      return { data: inspector.standings(account, kind) };
    },
  },
  "GET /_emulator/inspect/request": {
    fields: { id: "string" },
    required: ["id"],
    run: ({ inspector }, _settings, values, own) => inspector.request(own, (values as { id: string }).id),
  },
  "GET /_emulator/inspect/objects": {
    fields: { kind: "string", account: "string" },
    required: ["kind"],
    run({ inspector }, settings, values, own) {
      const { kind } = values as { kind: string };
      const { account = settings.accountId } = accountOf(values, own);
      return inspector.objects(account, kind);
    },
  },
  "GET /_emulator/inspect/object": {
    fields: { kind: "string", id: "string", account: "string" },
    required: ["kind", "id"],
    run({ inspector }, settings, values, own) {
      const { kind, id } = values as { kind: string; id: string };
      const { account = settings.accountId } = accountOf(values, own);
      return inspector.object(account, kind, id);
    },
  },
  "GET /_emulator/reveal": {
    fields: { kind: "string", id: "string", account: "string" },
    required: ["kind", "id"],
    run({ inspector }, settings, values, own) {
      const { kind, id } = values as { kind: string; id: string };
      const { account = settings.accountId } = accountOf(values, own);
      return inspector.reveal(account, kind, id);
    },
  },
  "GET /_emulator/faults": {
    fields: {},
    required: [],
    run: ({ inspector }, _settings, _values, own) => ({ data: inspector.faults(own) }),
  },
  "POST /_emulator/faults/clear": {
    fields: {},
    required: [],
    run({ inspector, stream }, _settings, _values, own) {
      inspector.clearFaults(own);
      stream.refresh();
      return {};
    },
  },
} as const satisfies Readonly<Record<string, ControlRoute>>;
