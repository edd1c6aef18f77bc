import { type Ledger, type MadeObject } from "../faults/ledger";
import { judge } from "./oracle";
import { type Outcome, type Step } from "./play";

// What the oracle has to see, one thing at a time, in what is otherwise as it is without a crash.

const done: Step = { code: 0, output: "", hung: false };
const asked: Step = { code: 255, output: "It is not known whether the climate order was made", hung: false };
const ledger: Ledger = {
  objects: ["product {}", "webhook_endpoint {}"],
  made: [
    { id: "prod_1", kind: "product", resource: "product", standing: "alive" },
    { id: "we_1", kind: "webhook_endpoint", resource: "endpoint", standing: "alive" },
    { id: "price_1", kind: "price", resource: "price", standing: "archived" },
  ],
  spent: 0,
  forwarded: 1,
};
const [product, endpoint, price] = ledger.made as [MadeObject, MadeObject, MadeObject];
const state = [
  { id: "prod_1", text: "urn:product {}" },
  { id: "we_1", text: "urn:endpoint {}" },
];
const clean: Outcome = {
  ups: [done],
  again: done,
  requests: 2,
  ledger,
  state,
  unfinished: [],
  wrongSecrets: [],
  quiet: true,
};
const gone = (one: MadeObject): MadeObject => ({ ...one, standing: "gone" });
const crashed = (at: string | undefined) => ({ code: null, output: "", hung: false, at });
const crash: Outcome = { ...clean, crashed: crashed("POST /v1/products") };

test("nothing is wrong with what ended as it does without a crash", () => {
  expect(judge(crash, clean, ledger)).toEqual({ problems: [], asked: false });
});

test.each<[string, Partial<Outcome>, string[]]>([
  ["a crash that never came", { crashed: crashed(undefined) }, ["not recovered"]],
  ["a run that goes on for ever", { ups: [{ ...done, hung: true }] }, ["hang"]],
  ["a process that is left", { quiet: false }, ["hang"]],
  ["a run that fails", { ups: [{ ...done, code: 255 }, done] }, ["not recovered"]],
  ["one that asks of what is free", { ups: [asked, done] }, ["not recovered"]],
  [
    "one that keeps failing",
    {
      ups: [
        { ...done, code: 255 },
        { ...done, code: 255 },
      ],
    },
    ["not recovered", "not recovered"],
  ],
  ["something left to do", { again: { ...done, code: 7 } }, ["not recovered"]],
  ["something left to be deleted", { unfinished: ["to be deleted: urn:endpoint"] }, ["not recovered"]],
  ["one more than was asked for", { ledger: { ...ledger, made: [...ledger.made, price] } }, ["duplicate"]],
  ["one that went as it came", { ledger: { ...ledger, made: [...ledger.made, gone(price)] } }, ["duplicate"]],
  ["money spent", { ledger: { ...ledger, spent: 1 } }, ["double purchase"]],
  ["money not spent", { ledger: { ...ledger, spent: -1 } }, ["double purchase"]],
  ["a request forwarded again", { ledger: { ...ledger, forwarded: 2 } }, ["double purchase"]],
  ["a request never forwarded", { ledger: { ...ledger, forwarded: 0 } }, ["double purchase"]],
  [
    "what should have ended",
    { ledger: { ...ledger, made: [product, endpoint, { ...price, standing: "alive" }] } },
    ["orphan"],
  ],
  ["what was never made", { ledger: { ...ledger, made: [product, endpoint] } }, ["orphan"]],
  ["another secret", { wrongSecrets: ["secret of urn:endpoint"] }, ["lost secret"]],
  ["what nobody owns", { ledger: { ...ledger, objects: [...ledger.objects, "product {}"] } }, ["orphan"]],
  ["what is not there", { ledger: { ...ledger, made: [gone(product), endpoint, price] } }, ["orphan", "orphan"]],
  ["a resource missing in state", { state: state.slice(1) }, ["not recovered"]],
  ["a resource twice in state", { state: [...state, ...state.slice(1)] }, ["not recovered"]],
])("%s is seen", (_, wrong, harms) => {
  const { problems } = judge({ ...crash, ...wrong }, clean, ledger);
  expect(problems.map(({ harm }) => harm)).toEqual(harms);
});

test("what is wrong without a crash too is seen", () => {
  const wrong = { ...clean, ledger: { ...ledger, made: [...ledger.made, product] } };
  expect(judge({ ...crash, ...wrong }, wrong, ledger).problems.map(({ harm }) => harm)).toEqual(["duplicate"]);
});

test("to ask once is right where the request that was met may have spent money", () => {
  const met = { ...crash, crashed: crashed("POST /v1/climate/orders") };
  expect(judge({ ...met, ups: [asked, done] }, clean, ledger)).toEqual({ problems: [], asked: true });
  expect(judge({ ...met, ups: [{ ...asked, output: "" }, done] }, clean, ledger).problems).toHaveLength(1);
});
