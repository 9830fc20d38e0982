/** Who is watching on this device, and the API in their name. */

import type { SignedIn } from "@liveshop/client";
import { api, keptAccount } from "@liveshop/ui";

export const account = keptAccount("viewer");

export const shop = api(() => account.current.value?.token);

/** Come in under a name; that is all that chatting and buying need. */
export async function takeName(name: string): Promise<SignedIn> {
  const signedIn = await shop.post<SignedIn>("/api/auth/guest", { name });
  account.signIn(signedIn);
  return signedIn;
}
