/**
 * Where in the console you are: the address after the `#`, as a value. Every address has a place,
 * so a link that was cut short still leads somewhere.
 */
import { signal, type ReadonlySignal } from "@preact/signals";

export type Route =
  | { readonly at: "shows" }
  | { readonly at: "desk"; readonly show: string }
  | { readonly at: "summary"; readonly show: string }
  | { readonly at: "products" }
  | { readonly at: "tariffs" }
  | { readonly at: "product"; readonly product: string }
  | { readonly at: "new_product" }
  | { readonly at: "team" }
  | { readonly at: "audit" }
  | { readonly at: "join"; readonly code: string };

export function parse(hash: string): Route {
  const [page, id, part] = hash.replace(/^#?\/?/, "").split("/");
  if (page === "products" && id === "new") return { at: "new_product" };
  const product = page === "products" && id ? decoded(id) : undefined;
  if (product !== undefined) return { at: "product", product };
  if (page === "products") return { at: "products" };
  if (page === "tariffs") return { at: "tariffs" };
  if (page === "team") return { at: id === "audit" ? "audit" : "team" };
  const code = page === "join" && id ? decoded(id) : undefined;
  if (code !== undefined) return { at: "join", code };
  const show = page === "shows" && id ? decoded(id) : undefined;
  if (show === undefined) return { at: "shows" };
  return part === "summary" ? { at: "summary", show } : { at: "desk", show };
}

export function address(route: Route): string {
  switch (route.at) {
    case "shows":
      return "#/";
    case "products":
      return "#/products";
    case "tariffs":
      return "#/tariffs";
    case "new_product":
      return "#/products/new";
    case "product":
      return `#/products/${encodeURIComponent(route.product)}`;
    case "team":
      return "#/team";
    case "audit":
      return "#/team/audit";
    case "join":
      return `#/join/${encodeURIComponent(route.code)}`;
    case "summary":
      return `#/shows/${encodeURIComponent(route.show)}/summary`;
    case "desk":
      return `#/shows/${encodeURIComponent(route.show)}`;
  }
}

const current = signal<Route>({ at: "shows" });
export const route: ReadonlySignal<Route> = current;

/** Follow the address bar from now on. */
export function followAddress(): void {
  const read = () => {
    current.value = parse(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

export function go(to: Route): void {
  location.hash = address(to);
}

/** Go there in place of here: nothing leads back, such as to a code that was used up. */
export function goInstead(to: Route): void {
  location.replace(address(to));
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
