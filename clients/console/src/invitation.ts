/** An invitation as it is passed on: a code, mostly in a link. Pure. */
import { address, parse } from "./route.ts";

/** The link that leads to where the code is followed; what is after `#` reaches no server's log. */
export function linkOf(code: string, page: string): string {
  return `${page}${address({ at: "join", code })}`;
}

/** The code in what somebody was given: the link or the code alone, as it was pasted. */
export function codeIn(text: string): string {
  const given = text.trim();
  const [, hash = ""] = given.split("#");
  const place = parse(hash);
  return place.at === "join" ? place.code : given;
}
