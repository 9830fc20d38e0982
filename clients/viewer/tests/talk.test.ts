import type { ChatLine } from "@liveshop/client";
import { expect, test } from "vitest";
import { LONGEST_LINE, talkOf } from "../src/talk.ts";

const mia = { id: "mia", name: "Mia" };
const line: ChatLine = { type: "chat", id: "mia.1", from: mia, text: "how big is it?", at: 1 };

test("an answer knows its line, and whom it calls", () => {
  const talk = talkOf();
  talk.picked.value = line;
  talk.answer(line);
  expect(talk.picked.value).toBeNull();
  talk.text.value = "hey";
  talk.call(mia);
  expect(talk.text.value).toBe("hey @Mia ");
  expect(talk.wanted.value).toBe(2);
  expect(talk.take()).toEqual({
    text: "hey @Mia",
    answering: line,
    reply_to: "mia.1",
    mentions: [mia],
  });
  expect([talk.text.value, talk.answering.value, talk.take()]).toEqual(["", null, null]);
});

test("what was refused comes back whole, unless something else was begun", () => {
  const talk = talkOf();
  talk.answer(line);
  talk.call(mia);
  const draft = talk.take();
  if (draft === null) throw new Error("there was something to say");
  talk.putBack(draft);
  expect(talk.answering.value).toBe(line);
  expect(talk.take()).toEqual(draft);
  talk.text.value = "something else";
  talk.putBack(draft);
  expect([talk.text.value, talk.answering.value]).toEqual(["something else", null]);
});

test("a name does not make a line longer than the room takes", () => {
  const talk = talkOf();
  talk.text.value = "x".repeat(LONGEST_LINE - 2);
  talk.call(mia);
  expect(talk.text.value).toHaveLength(LONGEST_LINE);
});
