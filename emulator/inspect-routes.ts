import { type ControlRoute } from "./control";

/** What the page asks for, beside what everyone may. */
export const inspectRoutes = {
  "GET /_emulator/steps": {
    fields: { kind: "string", account: "string" },
    required: [],
    run({ inspector }, settings, values) {
      const { kind, account = settings.accountId } = values as { kind?: string; account?: string };
      return { data: inspector.standings(account, kind) };
    },
  },
  "GET /_emulator/inspect/request": {
    fields: { id: "string" },
    required: ["id"],
    run: ({ inspector }, _settings, values) => inspector.request((values as { id: string }).id),
  },
  "GET /_emulator/inspect/objects": {
    fields: { kind: "string", account: "string" },
    required: ["kind"],
    run({ inspector }, settings, values) {
      const { kind, account = settings.accountId } = values as { kind: string; account?: string };
      return inspector.objects(account, kind);
    },
  },
  "GET /_emulator/inspect/object": {
    fields: { kind: "string", id: "string", account: "string" },
    required: ["kind", "id"],
    run({ inspector }, settings, values) {
      const { kind, id, account = settings.accountId } = values as { kind: string; id: string; account?: string };
      return inspector.object(account, kind, id);
    },
  },
  "GET /_emulator/reveal": {
    fields: { kind: "string", id: "string", account: "string" },
    required: ["kind", "id"],
    run({ inspector }, settings, values) {
      const { kind, id, account = settings.accountId } = values as { kind: string; id: string; account?: string };
      return inspector.reveal(account, kind, id);
    },
  },
  "GET /_emulator/faults": {
    fields: {},
    required: [],
    run: ({ inspector }) => ({ data: inspector.faults() }),
  },
  "POST /_emulator/faults/clear": {
    fields: {},
    required: [],
    run({ inspector, stream }) {
      inspector.clearFaults();
      stream.refresh();
      return {};
    },
  },
} as const satisfies Readonly<Record<string, ControlRoute>>;
