import { expect, test } from "vitest";
import { CHAT_KEPT, isFor, mentionsIn, pieces, quoteOf, withLines, withQuotes } from "../src/chat.ts";
import type { ChatLine } from "../src/messages.ts";
import { applied, empty } from "../src/state.ts";

const ann = { id: "ann", name: "Ann" };
const lee = { id: "lee", name: "Ann Lee" };
const lin = { id: "lin", name: "小林" };

function line(id: string, text = "hi", more: Partial<ChatLine> = {}): ChatLine {
  const from = { id: id.split(".")[0] ?? "", name: "A" };
  return { type: "chat", id, from, text, at: 1, ...more };
}

const answering = (id: string, to: ChatLine): ChatLine =>
  line(id, "me too", { reply_to: to.id, quote: quoteOf(to) });

test("what is taken away is quoted no more, and the replies stay", () => {
  const rude = line("b.1", "something rude");
  const chat = [rude, answering("c.1", rude), line("b.2"), answering("c.2", line("b.9"))];
  const talked = chat.reduce(applied, empty);
  const removed = applied(talked, { type: "chat_removed", id: "b.1", offset: 1 });
  expect(JSON.stringify(removed.chat)).not.toContain("rude");
  expect(removed.chat.map(({ id }) => id)).toEqual(["c.1", "b.2", "c.2"]);
  expect(removed.chat.at(-1)).toBe(chat.at(-1));
  const cleared = applied(talked, { type: "chat_cleared", sender: "b", offset: 1 });
  expect(cleared.chat).toEqual([
    line("c.1", "me too", { reply_to: "b.1" }),
    line("c.2", "me too", { reply_to: "b.9" }),
  ]);
});

test("the oldest lines go when new ones come, and not when one is said again", () => {
  const full = withLines([], Array.from({ length: CHAT_KEPT }, (_, n) => line(`a.${n}`)));
  expect(withLines(full, [line("a.0", "again")])[0]?.text).toBe("again");
  expect(withLines(full, [line("b.0")]).map(({ id }) => id).slice(0, 1)).toEqual(["a.1"]);
});

test.each<[string, string, readonly string[]]>([
  ["the longest name that fits is called", "@ann lee and @Ann, look", ["lee", "ann"]],
  ["nobody is called inside a word or an address", "me@ann.example @Annabel foo@Ann", []],
  ["names without spaces around them are found", "@小林可以的", ["lin"]],
  ["a bare sign calls nobody", "@ @@", []],
])("%s", (_, text, called) => {
  expect(mentionsIn(text, [ann, lee, lin]).map(({ id }) => id)).toEqual(called);
});

test("of one name the first is meant, and five are called at most", () => {
  expect(mentionsIn("@ann!", [{ id: "other", name: "Ann" }, ann])).toEqual([
    { id: "other", name: "ann" },
  ]);
  const crowd = Array.from({ length: 9 }, (_, n) => ({ id: `${n}`, name: `n${n}` }));
  expect(mentionsIn(crowd.map(({ name }) => `@${name}`).join(" "), crowd)).toHaveLength(5);
});

test("a line is for whom it calls by their name, and for whom it answers", () => {
  const mentions = [{ id: "ann", name: "ANN" }];
  expect(isFor(line("b.1", "@ANN", { mentions }), ann)).toBe(true);
  expect(isFor(line("b.1", "me too", { reply_to: "ann.7" }), ann)).toBe(true);
  // Somebody says that Ann is meant where the text names another.
  expect(isFor(line("b.1", "@Zoe", { mentions: [{ id: "ann", name: "Zoe" }] }), ann)).toBe(false);
  expect(isFor(line("b.1", "@ANN", { mentions }), { id: "ann2", name: "Ann" })).toBe(false);
  expect(isFor(line("ann.1", "@ANN", { mentions }), ann)).toBe(false);
  expect(isFor(line("b.1", "me too", { reply_to: "ann2.7" }), ann)).toBe(false);
  expect(isFor(line("b.1", "hi"), null)).toBe(false);
});

test("a text is cut where it calls someone, and stays text", () => {
  const mentions = [{ id: "x", name: "<img onerror=alert(1)>" }, { id: "ann", name: "Ann" }];
  expect(pieces({ text: "hi @Ann, @<img onerror=alert(1)> @Ann", mentions })).toEqual([
    { text: "hi " },
    { text: "@Ann", calls: "ann" },
    { text: ", " },
    { text: "@<img onerror=alert(1)>", calls: "x" },
    { text: " " },
    { text: "@Ann", calls: "ann" },
  ]);
  expect(pieces({ text: "hello" })).toEqual([{ text: "hello" }]);
});

test("a recorded chat quotes what its replies answer", () => {
  const [asked, answer, lost] = withQuotes([
    line("a.1", "x".repeat(300)),
    line("b.1", "yes", { reply_to: "a.1" }),
    line("c.1", "no", { reply_to: "a.404" }),
  ]);
  expect(asked?.quote).toBeUndefined();
  expect(answer?.quote?.text).toBe(`${"x".repeat(79)}…`);
  expect(lost?.quote).toBeUndefined();
});
