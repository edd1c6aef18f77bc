/** `climate:Order` → `pulumi-nodejs:dynamic/stripe/climate:Order`. What is released never changes. */
export function typeToken(name: string): string {
  return `pulumi-nodejs:dynamic/stripe${name.includes(":") ? "/" : ":"}${name}`;
}
