import { JudgeMissing } from "../../tools/judges/go-tool";
import { Panel } from "./panel";
import { serve, type Served } from "./serve";

/** Variables that tell the workers where the judges are, or why there are none. */
export const variables = { url: "STRIPE_AS_CODE_JUDGES", missing: "STRIPE_AS_CODE_JUDGES_MISSING" };

/** What the end of the run needs: jest keeps the global object from its set-up to its teardown. */
export const running = globalThis as { judges?: { readonly panel: Panel; readonly served: Served } };

/** Before all tests: the judges sit down in jest's own process, once for all workers. */
export default async function setUp(): Promise<void> {
  try {
    const panel = await Panel.meet();
    const served = await serve(panel);
    running.judges = { panel, served };
    process.env[variables.url] = served.url;
  } catch (error) {
    if (!(error instanceof JudgeMissing)) throw error;
    process.env[variables.missing] = error.message;
    console.log(`judges: none, so no answer is judged: ${error.message}`);
  }
}
