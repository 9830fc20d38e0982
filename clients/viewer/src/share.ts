/** The address of a show, to give away: it says which show, and nothing of who gives it. */

import { showPath } from "./route.ts";

export function shareLink(show: string, origin: string = location.origin): string {
  return new URL(showPath(show), origin).href;
}

/** Whether this device can hand a link to its other apps. */
export function canHandOn(): boolean {
  return "share" in navigator;
}

/** Hand it to another app; whoever changes their mind has done nothing wrong. */
export async function handOn(title: string, url: string): Promise<void> {
  await navigator.share({ title, url }).catch(() => undefined);
}

/** Whether it is on the clipboard now. A page without TLS has only the old way. */
export async function copied(url: string, shown: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    shown.select();
    return document.execCommand("copy");
  }
}
