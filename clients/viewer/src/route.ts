/** Which page an address is: the directory, or one show. Pure. */

export type Route = { readonly page: "directory" } | { readonly page: "show"; readonly id: string };

export function route(path: string): Route {
  const [, id] = /^\/live\/([^/]+)\/?$/.exec(path) ?? [];
  if (id === undefined) return { page: "directory" };
  try {
    return { page: "show", id: decodeURIComponent(id) };
  } catch {
    return { page: "show", id };
  }
}

export function showPath(id: string): string {
  return `/live/${encodeURIComponent(id)}`;
}
