import { missingObject, Refusal } from "./errors";
import { pageLimits } from "./facts/limits";
import { type AnyParams, type ParamTable } from "./params";
import { type StripeObject } from "./store";

/** What every list takes. */
export const paging = {
  limit: { type: "integer", min: pageLimits.smallest, max: pageLimits.largest },
  starting_after: { type: "string" },
  ending_before: { type: "string" },
} as const satisfies ParamTable;

/**
 * One page of records in the order they stand; cursors are exclusive and exclude each other. [docs: Pagination; openapi]
 * @param keep which of the records the list is of; asked only of as many as the page needs
 */
export function pageOf<R extends StripeObject>(
  records: readonly R[],
  params: AnyParams,
  { noun, url }: { readonly noun: string; readonly url: string },
  show: (record: R) => StripeObject,
  keep: (record: R) => boolean = () => true,
): { object: "list"; data: StripeObject[]; has_more: boolean; url: string } {
  const {
    limit = pageLimits.usual,
    starting_after: after,
    ending_before: before,
  } = params as {
    limit?: number;
    starting_after?: string;
    ending_before?: string;
  };
  if (after !== undefined && before !== undefined) {
    throw new Refusal("You cannot parameterize both starting_after and ending_before at once.", {
      code: "parameters_exclusive",
      param: "ending_before",
    });
  }
  const position = (id: string, param: string): number => {
    const index = records.findIndex((record) => record.id === id && keep(record));
    if (index === -1) throw missingObject(noun, id, param, 400);
    return index;
  };
  const step = before === undefined ? 1 : -1;
  const from =
    before !== undefined
      ? position(before, "ending_before")
      : after === undefined
        ? -1
        : position(after, "starting_after");
  const found: R[] = [];
  for (let at = from + step; found.length <= limit; at += step) {
    const record = at < 0 ? undefined : records[at];
    if (record === undefined) break;
    if (keep(record)) found.push(record);
  }
  const page = found.slice(0, limit);
  if (before !== undefined) page.reverse();
  return { object: "list", data: page.map(show), has_more: found.length > limit, url };
}
