import { useEffect, useState } from "preact/hooks";
import { catalogueOf, type Catalogue } from "../catalogue.ts";
import { report, shop } from "../console.ts";

/** The products, for as long as the component that looks through them is there. */
export function useCatalogue(): Catalogue {
  const [catalogue] = useState(() => catalogueOf(shop, report));
  useEffect(() => () => catalogue.leave(), []);
  return catalogue;
}
