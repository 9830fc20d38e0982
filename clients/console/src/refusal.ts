/** What the shop refused: its stable code, and the value that it is about. */

export interface Refusal {
  readonly code: string;
  /** Where in the request, such as `$.zones[0].name`; nothing when it is about no value of it. */
  readonly path: string | undefined;
}

/** A failure as a refusal; nothing when the shop did not answer. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("body" in error)) return undefined;
  const { code, body } = error;
  if (typeof code !== "string" || typeof body !== "object" || body === null) return undefined;
  const path = "path" in body && typeof body.path === "string" ? body.path : undefined;
  return { code, path };
}
