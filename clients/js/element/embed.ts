/** What both sides of an embedded room need: the contract, and how questions are answered. */

export type * from "./contract.ts";
export { answerTo, EmbedError, type Questions, questions } from "./questions.ts";
