/** A kind, an object or an account that a caller of the library or of a control route named and that isn't there. */
export class MissingHere extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MissingHere";
  }
}
