import { type ControlRoute } from "./control";
import { actingOn } from "./scope";

/** What the page asks for, beside what everyone may. */
export const inspectRoutes = {
  "GET /_emulator/steps": {
    fields: { kind: "string", account: "string" },
    required: [],
    run({ inspector }, settings, values, own) {
      const { kind } = values as { kind?: string };
      return { data: inspector.standings(actingOn(values, own, settings), kind) };
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
      return inspector.objects(actingOn(values, own, settings), kind);
    },
  },
  "GET /_emulator/inspect/object": {
    fields: { kind: "string", id: "string", account: "string" },
    required: ["kind", "id"],
    run({ inspector }, settings, values, own) {
      const { kind, id } = values as { kind: string; id: string };
      return inspector.object(actingOn(values, own, settings), kind, id);
    },
  },
  "GET /_emulator/reveal": {
    fields: { kind: "string", id: "string", account: "string" },
    required: ["kind", "id"],
    run({ inspector }, settings, values, own) {
      const { kind, id } = values as { kind: string; id: string };
      return inspector.reveal(actingOn(values, own, settings), kind, id);
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
