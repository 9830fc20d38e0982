/** Who is signed in on this page, kept in the browser. Each page keeps its own. */

import type { SignedIn } from "@liveshop/client";
import { type ReadonlySignal, signal } from "@preact/signals";

export interface Account {
  readonly current: ReadonlySignal<SignedIn | null>;
  signIn(signedIn: SignedIn): void;
  signOut(): void;
  /** Go on as somebody else for as long as this page is open; nothing is kept. */
  lend(signedIn: SignedIn): void;
}

/** The account kept as `liveshop.<page>`. One that has expired is as good as none. */
export function keptAccount(page: string): Account {
  const key = `liveshop.${page}`;
  const current = signal(kept(key));
  return {
    current,
    signIn(signedIn) {
      localStorage.setItem(key, JSON.stringify(signedIn));
      current.value = signedIn;
    },
    signOut() {
      localStorage.removeItem(key);
      current.value = null;
    },
    lend(signedIn) {
      current.value = signedIn;
    },
  };
}

function kept(key: string): SignedIn | null {
  try {
    const account = JSON.parse(localStorage.getItem(key) ?? "null") as SignedIn | null;
    return account !== null && account.expires_at > Date.now() ? account : null;
  } catch {
    return null;
  }
}
