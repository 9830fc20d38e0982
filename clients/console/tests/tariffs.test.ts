import type { TariffView } from "@liveshop/client";
import { expect, test } from "vitest";
import { deeds } from "../src/deeds.ts";
import { tariffsOf } from "../src/tariffs.ts";

class Refused extends Error {
  readonly code = "invalid_value";
  readonly body: unknown;
  constructor(path: string | undefined) {
    super("no country's code");
    this.body = { code: this.code, path };
  }
}

function shop(refusal?: Error) {
  let versions: TariffView[] = [];
  return {
    tariffs: async () => ({ tariffs: versions }),
    async draftTariff(tariff: TariffView["tariff"]) {
      if (refusal) throw refusal;
      const draft: TariffView = { id: "trf_1", version: 1, state: "draft", tariff };
      versions = [draft];
      return draft;
    },
    async publishTariff(id: string, { valid_from }: { valid_from?: number }) {
      const [draft] = versions;
      if (draft === undefined) throw new Error(id);
      const published = { ...draft, state: "published" as const, valid_from: valid_from ?? 1 };
      versions = [{ ...published, in_force: valid_from === undefined }];
      return published;
    },
  };
}

test("a draft is kept, and published it is in force", async () => {
  const tariffs = tariffsOf(shop(), deeds(() => {}).attempt);
  expect(await tariffs.keep({ currency: "EUR" })).toBe(true);
  expect(tariffs.draft.value?.id).toBe("trf_1");
  expect(tariffs.inForce.value).toBeUndefined();
  expect(await tariffs.publish("trf_1", undefined)).toBe(true);
  expect(tariffs.inForce.value?.id).toBe("trf_1");
  expect(tariffs.draft.value).toBeUndefined();
});

test("what the shop refuses is kept with its path, and is not said in passing", async () => {
  const said: unknown[] = [];
  const error = new Refused("$.zones[0].places[0].country");
  const tariffs = tariffsOf(shop(error), deeds((each) => said.push(each)).attempt);
  expect(await tariffs.keep({ currency: "EUR" })).toBe(false);
  expect(tariffs.refused.value).toEqual({ path: "$.zones[0].places[0].country", error });
  expect(tariffs.versions.value).toBeNull();
  expect(said).toEqual([]);
});

test("a refusal of no value in particular is said in passing", async () => {
  const said: unknown[] = [];
  const error = new Refused(undefined);
  const tariffs = tariffsOf(shop(error), deeds((each) => said.push(each)).attempt);
  expect(await tariffs.keep({ currency: "EUR" })).toBe(false);
  expect(tariffs.refused.value).toBeNull();
  expect(said).toEqual([error]);
});
