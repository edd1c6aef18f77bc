export type Harm =
  "duplicate" | "orphan" | "lost secret" | "double purchase" | "wrong account" | "not recovered" | "hang";

export interface Problem {
  harm: Harm;
  text: string;
}

export interface Verdict {
  problems: Problem[];
  /** The run stopped and asked, as it should where nobody can know. */
  asked: boolean;
}
