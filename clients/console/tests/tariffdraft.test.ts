import type { Tariff } from "@liveshop/client";
import { expect, test } from "vitest";
import {
  isTariff,
  NO_OPTION,
  NO_TAX,
  NO_ZONE,
  replaced,
  tariffFrom,
  typedTariff,
} from "../src/tariffdraft.ts";

const tariff: Tariff = {
  currency: "EUR",
  zones: [
    {
      name: "Home",
      places: [{ country: "DE" }, { country: "ES", regions: ["Ceuta", "Melilla"] }],
      options: [
        {
          id: "parcel",
          name: "Parcel",
          price_minor: 490,
          per_kg_minor: 100,
          free_from_minor: 5000,
          days_min: 1,
          days_max: 3,
        },
      ],
    },
  ],
  taxes: [{ name: "VAT", country: "DE", rate_bp: 1900, included: true, on_shipping: true }],
};

test("a tariff that is typed as it is read is the same tariff", () => {
  expect(tariffFrom(typedTariff(tariff, 2), 2)).toEqual(tariff);
});

test("what is wrong is said by the path that the shop would name", () => {
  const draft = { currency: "euro", zones: [NO_ZONE], taxes: [{ ...NO_TAX, rate: "101" }] };
  const answer = tariffFrom(draft, 2);
  expect(isTariff(answer)).toBe(false);
  expect(answer).toEqual(
    new Map([
      ["$.currency", "currency"],
      ["$.zones[0].name", "name"],
      ["$.zones[0].places[0].country", "country"],
      ["$.zones[0].options[0].name", "name"],
      ["$.zones[0].options[0].price_minor", "amount"],
      ["$.taxes[0].rate_bp", "rate"],
      ["$.taxes[0].name", "name"],
      ["$.taxes[0].country", "country"],
    ]),
  );
});

test("an option is known by its name, and two of one name are told apart", () => {
  const named = (name: string) => ({ ...NO_OPTION, name, price: "1" });
  const zone = {
    name: "Home",
    places: [{ country: "de", regions: "" }],
    options: [named("By Air!"), named("By air"), named("\u5feb\u9012")],
  };
  const answer = tariffFrom({ currency: "eur", zones: [zone], taxes: [] }, 2);
  if (!isTariff(answer)) throw new Error("it is sound");
  expect(answer.currency).toBe("EUR");
  expect(answer.zones?.[0]?.places).toEqual([{ country: "DE" }]);
  expect(answer.zones?.[0]?.options.map(({ id }) => id)).toEqual(["by-air", "by-air-2", "option"]);
});

test("a place in a list is replaced, or goes", () => {
  expect(replaced(["a", "b", "c"], 1, "B")).toEqual(["a", "B", "c"]);
  expect(replaced(["a", "b", "c"], 1)).toEqual(["a", "c"]);
});
