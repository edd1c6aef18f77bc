import { TestEnvironment } from "jest-environment-node";
import { buildGoTool, JudgeMissing } from "../../tools/judges/go-tool";

/** What a test file in this environment finds in its global object: the program's file, unless it can't be had. */
export interface WithStripeCli {
  readonly stripeCli?: string;
}

/** Has Stripe's own CLI ready before a test file is read, so that its tests can be skipped and counted where there is none. */
export default class StripeCliEnvironment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    try {
      const file = await buildGoTool("stripe", "stripe-cli", "github.com/stripe/stripe-cli/cmd/stripe");
      this.global["stripeCli"] = file;
    } catch (error) {
      if (!(error instanceof JudgeMissing) || process.env["CI"] !== undefined) throw error;
      console.log(`judges: Stripe's CLI is missing, so its tests are skipped: ${error.message}`);
    }
  }
}
