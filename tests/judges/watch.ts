import { type answerRequest } from "../../emulator/pipeline";
import { judgeWhatWasSaid, listen } from "./witness";

// Every answer of every emulator that a test starts passes here, whoever asked, and also where a fault then keeps it back.
jest.mock("../../emulator/pipeline", () => {
  const actual = jest.requireActual<{ answerRequest: typeof answerRequest }>("../../emulator/pipeline");
  return { ...actual, answerRequest: listen(actual.answerRequest) };
});

afterEach(judgeWhatWasSaid);
afterAll(judgeWhatWasSaid);
