/** Who is watching on this device, and the API in their name. */

import type { SignedIn } from "@liveshop/client";
import { api, keptAccount } from "@liveshop/ui";
import { embedded } from "./shoppage.ts";

export const account = keptAccount("viewer");

export const shop = api(() => account.current.value?.token);

/** Come in under a name; that is all that chatting and buying need. */
export async function takeName(name: string): Promise<SignedIn> {
  const signedIn = await shop.post<SignedIn>("/api/auth/guest", { name });
  account.signIn(signedIn);
  return signedIn;
}

/**
 * Come in as whoever is signed in to the console on this device, if that is somebody else: to a
 * rehearsal, which is there for its team alone. Answers with their token.
 */
export function comeAsTeam(): string | null {
  const member = embedded ? null : keptAccount("console").current.peek();
  if (member === null || member.user.id === account.current.peek()?.user.id) return null;
  account.lend(member);
  return member.token;
}
