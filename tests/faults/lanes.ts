import { type Verdict } from "./oracle";

/** Works a list off, one item at a time per lane. */
export async function each<Lane, Item>(
  lanes: Lane[],
  items: Item[],
  work: (lane: Lane, item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(lane, item);
    }),
  );
}

/** The verdict on a case; what stops the harness itself is one too. */
export async function attempt(work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    return { problems: [{ harm: "not recovered", text: (error as Error).stack ?? "" }], asked: false };
  }
}
