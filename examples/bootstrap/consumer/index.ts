import * as pulumi from "@pulumi/pulumi";

const environment = new pulumi.StackReference(new pulumi.Config().require("environment"));
const output = <T>(name: string): pulumi.Output<T> => environment.requireOutput(name) as pulumi.Output<T>;

// What the shop's servers start with. Hand it on to where they look for it: a Kubernetes secret, a parameter store, a vault.
// It is a secret there, too, as long as it stays an Output.
export const webhookSecret = output<Record<string, string>>("signingSecrets").apply(({ shop }) => shop);
export const account = output<string>("account");
export const proPrice = output<Record<string, string>>("prices").apply((prices) => prices["pro-month"]);
