import { startEmulator, type Emulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { onrampSession } from "../../provider/resources/crypto/onramp-session";
import { Stack } from "./engine-model";

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const to = (wallet: string) => ({ destinationNetwork: "ethereum", walletAddresses: { ethereum: wallet } });

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const newStack = () => new Stack(onrampSession as never, emulator, { clock });

function walletAt(stack: Stack): unknown {
  const session = emulator.objects("crypto.onramp_session").find(({ id }) => id === stack.state?.id);
  const { wallet_addresses: wallets } = session?.transaction_details as { wallet_addresses: Record<string, unknown> };
  return wallets.ethereum;
}

test("no session of another wallet is ever taken for this one", async () => {
  const stack = newStack();
  for (const wallet of ["0xA", "0xB", "0xC"]) {
    await stack.up(to(wallet));
    expect(walletAt(stack)).toBe(wallet);
  }
  const lost = newStack();
  await lost.up(to("0xD"));
  expect(walletAt(lost)).toBe("0xD");
  expect(emulator.objects("crypto.onramp_session")).toHaveLength(4);
});

test("what the buyer chooses is no drift; a session that has ended is not used again", async () => {
  const stack = newStack();
  await stack.up(to("0xA"));
  const id = String(stack.state?.id);
  for (const status of ["requires_payment", "fulfillment_processing", "fulfillment_complete"]) {
    emulator.advance("crypto.onramp_session", id, status);
    await stack.refresh();
    expect(stack.state?.outputs.status).toBe(status);
    expect(await stack.preview(to("0xA"))).toBe("same");
  }
  await stack.up(to("0xB"));
  await stack.up(to("0xA"));
  expect(stack.state?.id).not.toBe(id);
});
