import { catalogueProducts } from "../../emulator/facts/climate-catalogue";
import { type Declaration } from "../../provider/declare";
import { kindsBeside, type Left, type Standing } from "./standing";
import { type Problem } from "./verdict";

/** An object, and the name of the resource it was made for. */
export interface Made {
  kind: string;
  resource: string | undefined;
  standing: Standing;
}

/** What Stripe's books say, or have to. */
export interface Books {
  /** Every object that was ever made, those that are gone included. */
  made: readonly Made[];
  /** Money that is gone, in the smallest unit. */
  spent: number;
  /** Calls that a destination got. */
  forwarded: number;
}

/** What an object costs, by kind: what isn't here costs nothing. */
const costs: Record<string, (left: Left) => { spent?: number; forwarded?: number }> = {
  "climate.order": (left) => ({ spent: costOfOrder(left) }),
  "forwarding.request": () => ({ forwarded: 1 }),
};

/** What has to stand in the books of a resource that leaves these objects. */
export function booksOf({ object: kind, spends, name }: Declaration, resource: string, left: readonly Left[]): Books {
  const cost = costs[kind];
  if (spends !== undefined && cost === undefined) throw new Error(`${name}: what one costs is not known`);
  return sumOf(
    left.map((one) => ({
      spent: 0,
      forwarded: 0,
      ...cost?.(one),
      made: [
        { kind, resource, standing: one.standing },
        ...kindsBeside(one.args).map((other): Made => ({ kind: other, resource, standing: "alive" })),
      ],
    })),
  );
}

export function sumOf(all: readonly Books[]): Books {
  return {
    made: all.flatMap(({ made }) => made),
    spent: all.reduce((sum, { spent }) => sum + spent, 0),
    forwarded: all.reduce((sum, { forwarded }) => sum + forwarded, 0),
  };
}

/**
 * What is wrong in the books.
 * @param mayLack where a run stopped and asked: less may have been made, and what was to be ended may still be there
 */
export function judgeBooks(books: Books, expected: Books, mayLack = false): Problem[] {
  const problems: Problem[] = [];
  const more = without(books.made.map(ownerOf), expected.made.map(ownerOf));
  if (more.length > 0) {
    const text = `${books.made.length} objects were made in place of ${expected.made.length}; too many: ${more.join(", ")}`;
    problems.push({ harm: "duplicate", text });
  }
  const lacks = mayLack && books.made.length < expected.made.length;
  const isDearer = books.spent > expected.spent || books.forwarded > expected.forwarded;
  if (isDearer || (!lacks && costOf(books) !== costOf(expected))) {
    problems.push({ harm: "double purchase", text: `${costOf(books)}; should be ${costOf(expected)}` });
  }
  const [is, should] = [books, expected].map(({ made }) =>
    made.map((one) => `${ownerOf(one)}, ${one.standing}`).sort(),
  );
  if (!mayLack && more.length === 0 && is?.join() !== should?.join()) {
    problems.push({
      harm: "orphan",
      text: `at Stripe\n  there: ${is?.join("; ")}\n  should be: ${should?.join("; ")}`,
    });
  }
  return problems;
}

function ownerOf({ kind, resource = "nobody" }: Made): string {
  return `${kind} of ${resource}`;
}

function costOf({ spent, forwarded }: Books): string {
  return `${spent} spent, ${forwarded} forwarded`;
}

/** What is left of a list when each of the others has taken away one that is the same. */
export function without(list: readonly string[], others: readonly string[]): string[] {
  const left = [...list];
  for (const other of others) if (left.includes(other)) left.splice(left.indexOf(other), 1);
  return left;
}

/**
 * Carbon removal and fees; of an order that is canceled the fees are gone, and the rest has come back.
 * https://docs.stripe.com/api/climate/order/cancel
 */
function costOfOrder({ args, standing }: Left): number {
  const { product, amount, metricTons, currency = "usd" } = args;
  const prices = catalogueProducts.find(({ id }) => id === product)?.current_prices_per_metric_ton;
  const { [String(currency)]: perTon } = prices ?? {};
  if (perTon === undefined) throw new Error(`what a ton of ${String(product)} costs is not known`);
  const removal = Number(amount ?? Math.ceil(Number(metricTons) * perTon.amount_subtotal));
  const fees = Math.ceil((removal * perTon.amount_fees) / perTon.amount_subtotal);
  return standing === "canceled" ? fees : removal + fees;
}
