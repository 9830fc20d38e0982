/**
 * Why a connection ended. The range says whether to come back, so no table of codes is needed:
 * 3000-3499 reconnect and resume, 3500-3999 do not.
 */

/** What the client itself says when it leaves. */
export const LEAVING = 1000;

/** What the client itself says when it gives up on a connection that went quiet or wrong. */
export const ABANDONED = 4000;

/** The frames were not what this server accepts; the same frames would fare no better. */
const REFUSED_FRAMES: readonly number[] = [1003, 1007, 1009];

export function isFinal(code: number): boolean {
  return REFUSED_FRAMES.includes(code) || (code >= 3500 && code <= 3999);
}
