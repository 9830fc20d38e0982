/** The team of a shop as somebody changes it: each deed answers with the team as it is then. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Invited, Member, NewInvitation, Team } from "@liveshop/client";
import { deeds, type Deeds } from "./deeds.ts";
import type { Shop } from "./shop.ts";
import type { Permission } from "./standing.ts";

/** What most people are invited as: a help of this page, the shop knows only permissions. */
export const PRESETS = {
  moderator: ["moderate"],
  assistant: ["run_show", "moderate", "sell", "numbers"],
  packer: ["orders"],
} as const satisfies Record<string, readonly Permission[]>;

export type Preset = keyof typeof PRESETS;

export interface Teaming {
  /** Nothing until it was read. */
  readonly team: ReadonlySignal<Team | null>;
  readonly doing: Deeds["doing"];
  look(): Promise<boolean>;
  /** Look again whether somebody came who is awaited; a failure is nobody's concern. */
  again(): Promise<void>;
  /** The code is in the answer and nowhere else; rejected with the `ApiError`. */
  invite(whom: NewInvitation): Promise<Invited>;
  withdraw(invitation: string): Promise<boolean>;
  change(member: string, permissions: readonly Permission[]): Promise<boolean>;
  remove(member: string): Promise<boolean>;
}

export function teamOf(
  shop: Pick<Shop, "team" | "invite" | "withdraw" | "changeMember" | "removeMember">,
  failed: (error: unknown) => void,
): Teaming {
  const team = signal<Team | null>(null);
  const { doing, attempt } = deeds(failed);
  const becomes = (name: string, work: () => Promise<Team>): Promise<boolean> =>
    attempt(name, async () => {
      team.value = await work();
    });
  return {
    team,
    doing,
    look: () => becomes("look", shop.team),
    async again() {
      const seen = team.value;
      if (seen === null || seen.invitations.length === 0) return;
      const now = await shop.team().catch(() => seen);
      // A deed that was done meanwhile knows better.
      if (team.value === seen) team.value = now;
    },
    async invite(whom) {
      const invited = await shop.invite(whom);
      void becomes("look", shop.team);
      return invited;
    },
    withdraw: (id) => becomes(`withdraw ${id}`, () => shop.withdraw(id)),
    change: (member, permissions) =>
      becomes(`change ${member}`, () => shop.changeMember(member, [...permissions])),
    remove: (member) => becomes(`remove ${member}`, () => shop.removeMember(member)),
  };
}

/** Whether someone with `own` may change what a member may: nobody touches what they do not have. */
export function mayChange(own: readonly Permission[], { permissions }: Member): boolean {
  return permissions.every((each) => own.includes(each));
}

/** The preset that gives exactly these. */
export function presetOf(permissions: readonly Permission[]): Preset | undefined {
  const names = Object.keys(PRESETS) as Preset[];
  return names.find((name) => {
    const given: readonly Permission[] = PRESETS[name];
    return given.length === permissions.length && given.every((each) => permissions.includes(each));
  });
}
