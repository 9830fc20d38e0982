/** The HTTP interface, thinly: a path, a body, a typed answer, or an `ApiError` with its code. */

import type { Problem } from "@liveshop/client";

/** Longer than any answer takes; shorter than a person's patience. */
const ANSWER_WITHIN_MS = 15_000;

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Stable, for programs; `unreachable` when no answer came. */
  readonly code: string;
  /** The whole answer, for what is particular to one code. */
  readonly body: unknown;

  constructor(status: number, problem: Pick<Problem, "code" | "detail">, body: unknown = problem) {
    super(problem.detail);
    this.status = status;
    this.code = problem.code;
    this.body = body;
  }
}

export interface PostOptions {
  /** Makes a repeated POST answer the same and do nothing twice. */
  readonly idempotencyKey?: string;
  /** For a body that is not JSON. */
  readonly contentType?: string;
  readonly within_ms?: number;
}

export interface Api {
  get<Answer>(path: string): Promise<Answer>;
  /** What is not JSON: a table to save. */
  file(path: string): Promise<Blob>;
  /** A string or a Blob goes as it is, with its `contentType`; all else as JSON. */
  post<Answer>(path: string, body?: object | string | Blob, options?: PostOptions): Promise<Answer>;
  patch<Answer>(path: string, body: object): Promise<Answer>;
  put<Answer>(path: string, body: object): Promise<Answer>;
  delete<Answer>(path: string): Promise<Answer>;
}

/**
 * The interface as whoever `token()` names at the time of each call, with what else every call
 * says then: `more()`, by the names of headers.
 */
export function api(
  token: () => string | null | undefined,
  more: () => Readonly<Record<string, string>> = () => ({}),
): Api {
  async function answerTo(path: string, init: RequestInit, within_ms: number): Promise<Response> {
    const headers = new Headers(init.headers);
    const bearer = token();
    if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
    for (const [name, value] of Object.entries(more())) headers.set(name, value);
    try {
      const signal = AbortSignal.timeout(within_ms);
      return await fetch(path, { ...init, headers, signal });
    } catch {
      throw new ApiError(0, {
        code: "unreachable",
        detail: "The shop cannot be reached right now.",
      });
    }
  }

  async function call<Answer>(path: string, init: RequestInit, within_ms: number): Promise<Answer> {
    const response = await answerTo(path, init, within_ms);
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body as Answer;
    throw new ApiError(response.status, asProblem(body, response.status), body);
  }

  return {
    get: (path) => call(path, {}, ANSWER_WITHIN_MS),
    async file(path) {
      const response = await answerTo(path, {}, ANSWER_WITHIN_MS);
      if (response.ok) return response.blob();
      const body: unknown = await response.json().catch(() => null);
      throw new ApiError(response.status, asProblem(body, response.status), body);
    },
    post(path, body, options = {}) {
      const raw = typeof body === "string" || body instanceof Blob;
      const headers = new Headers();
      if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
      if (body !== undefined) {
        headers.set("Content-Type", options.contentType ?? "application/json");
      }
      const init: RequestInit = { method: "POST", headers };
      if (body !== undefined) init.body = raw ? body : JSON.stringify(body);
      return call(path, init, options.within_ms ?? ANSWER_WITHIN_MS);
    },
    patch: (path, body) => call(path, json("PATCH", body), ANSWER_WITHIN_MS),
    put: (path, body) => call(path, json("PUT", body), ANSWER_WITHIN_MS),
    delete: (path) => call(path, { method: "DELETE" }, ANSWER_WITHIN_MS),
  };
}

function json(method: string, body: object): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function asProblem(body: unknown, status: number): Pick<Problem, "code" | "detail"> {
  if (typeof body === "object" && body !== null && "code" in body && "detail" in body) {
    return { code: String(body.code), detail: String(body.detail) };
  }
  return { code: "unexpected", detail: `The shop answered ${status}, which nobody expected.` };
}
