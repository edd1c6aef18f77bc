import { type Kind, type Reception } from "./kind";
import { type World } from "./world";

/** What gets events, and the account that registered it. */
export interface Receiver extends Reception {
  readonly id: string;
  readonly holder: string;
}

/** The receivers that a snapshot of an event of this type in this account is sent to. */
export function receiversOf(world: World, account: string, type: string): Receiver[] {
  return receiversFor(world, account).filter(
    ({ status, events, payload }) =>
      status === "enabled" && payload === "snapshot" && (events.includes("*") || events.includes(type)),
  );
}

/** Receivers of an account's events: its own, and the platform's that are for connected accounts. [openapi] */
export function receiversFor(world: World, account: string): Receiver[] {
  const platform = world.settings.accountId;
  const registered = (holder: string, whose: "own" | "connected"): Receiver[] =>
    [...world.kinds.values()].flatMap((kind) =>
      receptions(world, kind, holder).filter(({ from }) => from.includes(whose)),
    );
  return [...registered(account, "own"), ...(account === platform ? [] : registered(platform, "connected"))];
}

function receptions(world: World, kind: Kind, holder: string): Receiver[] {
  if (kind.receives === undefined) return [];
  const records = world.account(holder).collection(kind.name).oldestFirst();
  return records.flatMap((record) => {
    const reception = kind.receives?.(record);
    return reception === undefined ? [] : [{ ...reception, id: record.id, holder }];
  });
}
