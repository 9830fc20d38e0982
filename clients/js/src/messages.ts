/** The wire's types, generated from the server's own declarations. */

export type * from "../../protocol/messages.ts";
export type { Error as ErrorMessage } from "../../protocol/messages.ts";
