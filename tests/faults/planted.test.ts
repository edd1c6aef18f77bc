import { catchDefect, defects } from "./planted";

jest.setTimeout(120_000);

// The harness itself: what nobody would notice here, nobody would notice in the provider.
test.each(defects)("$name is caught", async (defect) => {
  const caught = await catchDefect(defect);
  expect(caught).not.toEqual([]);
});
