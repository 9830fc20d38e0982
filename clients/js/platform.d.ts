/** All that the SDK uses of its surroundings: browsers, workers, Node and Deno have it. */

declare function setTimeout(callback: () => void, delay_ms: number): number;
declare function clearTimeout(timer: number | undefined): void;

declare const crypto: { getRandomValues<T extends Uint8Array>(array: T): T };

declare class WebSocket {
  static readonly OPEN: number;
  constructor(url: string, protocols?: string);
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
