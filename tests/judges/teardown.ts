import { running } from "./setup";

/** After all tests: what was judged, and what was not. */
export default async function tearDown(): Promise<void> {
  if (running.judges === undefined) return;
  const { panel, served } = running.judges;
  console.log(panel.summary());
  await served.close();
  await panel.close();
}
