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

/** One page of records in the order they stand; cursors are exclusive and exclude each other. [docs: Pagination; openapi] */
export function pageOf<R extends StripeObject>(
  records: readonly R[],
  params: AnyParams,
  { noun, url }: { readonly noun: string; readonly url: string },
  show: (record: R) => StripeObject,
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
    const index = records.findIndex((record) => record.id === id);
    if (index === -1) throw missingObject(noun, id, param, 400);
    return index;
  };

  let start = 0;
  let end = limit;
  let more = records.length > end;
  if (after !== undefined) {
    start = position(after, "starting_after") + 1;
    end = start + limit;
    more = records.length > end;
  } else if (before !== undefined) {
    end = position(before, "ending_before");
    start = Math.max(0, end - limit);
    more = start > 0;
  }
  return { object: "list", data: records.slice(start, end).map(show), has_more: more, url };
}
