import { expect, test } from "vitest";
import { cued, FARTHEST_MS, settled, shown } from "../src/cues.ts";

const AT = 1_800_000_000_000;

test("a card waits until the picture gets there", () => {
  const cues = cued(settled("ofr_1"), { type: "pinned", offer: "ofr_2", at: AT, offset: 1 });
  expect(shown(cues, AT - 1, AT + 1_500).shown).toBe("ofr_1");
  expect(shown(cues, AT, AT + 1_600)).toEqual({ shown: "ofr_2", waiting: [] });
});

test("of several that are due the last is on screen, and the others still wait", () => {
  let cues = settled(null);
  cues = cued(cues, { type: "pinned", offer: "ofr_1", at: AT, offset: 1 });
  cues = cued(cues, { type: "unpinned", at: AT + 1, offset: 2 });
  cues = cued(cues, { type: "pinned", offer: "ofr_2", at: AT + 5_000, offset: 3 });
  expect(shown(cues, AT + 10, AT + 10)).toEqual({
    shown: null,
    waiting: [{ at: AT + 5_000, offer: "ofr_2" }],
  });
});

test("nothing waits for a picture that is paused or lost", () => {
  const cues = cued(settled(null), { type: "pinned", offer: "ofr_1", at: AT, offset: 1 });
  expect(shown(cues, AT - FARTHEST_MS, AT).shown).toBeNull();
  expect(shown(cues, AT - FARTHEST_MS - 1, AT).shown).toBe("ofr_1");
});

test("an event of a server that tells no time is shown at once", () => {
  const cues = cued(settled(null), { type: "pinned", offer: "ofr_1", offset: 1 });
  expect(shown(cues, AT, AT + 1_500).shown).toBe("ofr_1");
});

test("nothing new is the same as before", () => {
  const cues = settled("ofr_1");
  expect(shown(cues, AT, AT)).toBe(cues);
});
