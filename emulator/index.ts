export { startEmulator, type Emulator, type Snapshot } from "./emulator";
export { type DeliveryAttempt } from "./delivery";
export {
  type Destination,
  type DestinationAnswer,
  type DestinationFailure,
  type ForwardedCall,
  type OutboundRequest,
} from "./destination";
export { type FaultKind, type FaultRule, type FaultSubject } from "./faults";
export { type AutoAdvance, type AutoStep } from "./lifecycle";
export { type LoggedRequest } from "./log";
export { type EmulatorOptions } from "./settings";
export { type StripeObject } from "./store";
