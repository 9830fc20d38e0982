import { expect, test } from "vitest";
import type { Moderation, ModerationLog } from "@liveshop/client";
import { deeds } from "../src/deeds.ts";
import { moderatingOf, MUTE_S } from "../src/moderation.ts";
import type { Shop } from "../src/shop.ts";

const HOLDS: Moderation = {
  settings: { slow_s: 0, audience: "everyone", links: "everyone", words: [] },
  people: [],
};

function entry(id: number) {
  return { id, action: "mute" as const, actor: "mei", actor_name: "Mei", at: id };
}

/** A shop that writes down what it is asked, and has a log of two pages. */
function stage(answers: Partial<Shop> = {}) {
  const asked: unknown[][] = [];
  const failures: unknown[] = [];
  const note =
    <Answer>(name: string, answer: (...what: never[]) => Answer) =>
    (...what: unknown[]) => {
      asked.push([name, ...what]);
      return Promise.resolve(answer(...(what as never[])));
    };
  const shop = {
    moderation: note("moderation", () => HOLDS),
    moderationLog: note("log", (_show: string, before?: number): ModerationLog =>
      before === undefined ? { entries: [entry(3), entry(2)], next: 2 } : { entries: [entry(1)] },
    ),
    moderate: note("moderate", () => entry(4)),
    changeChat: note("change", () => HOLDS),
    ...answers,
  } as unknown as Shop;
  const { attempt } = deeds((error) => failures.push(error));
  return { asked, failures, moderating: moderatingOf("tea", shop, attempt) };
}

const TROLL = { id: "acc_1", name: "Troll" };

test("nothing is read before someone looks", async () => {
  const { asked, moderating } = stage();
  await moderating.mute(TROLL);
  expect(asked).toEqual([["moderate", "tea", "mute", { user: "acc_1", for_s: MUTE_S }]]);
  expect(moderating.holds.value).toBeNull();
});

test("a decision is shown to whoever looks", async () => {
  const { asked, moderating } = stage();
  await moderating.look();
  await moderating.change({ slow_s: 10 });
  expect(asked.map(([name]) => name)).toEqual(["moderation", "log", "change", "moderation", "log"]);
});

test("earlier entries follow those that are known", async () => {
  const { moderating } = stage();
  await moderating.look();
  await moderating.earlier();
  await moderating.earlier();
  expect(moderating.log.value?.entries.map(({ id }) => id)).toEqual([3, 2, 1]);
  expect(moderating.log.value?.next).toBeUndefined();
});

test("a decision that was refused is said, and nothing is read again", async () => {
  const refusal = new Error("may not be moderated");
  const { asked, failures, moderating } = stage({ moderate: () => Promise.reject(refusal) });
  await moderating.look();
  asked.length = 0;
  expect(await moderating.ban(TROLL)).toBe(false);
  expect(failures).toEqual([refusal]);
  expect(asked).toEqual([]);
});
