import type { Team } from "@liveshop/client";
import { expect, test, vi } from "vitest";
import { mayChange, presetOf, teamOf } from "../src/team.ts";

const PAT = { account: "acc_pat", name: "Pat", permissions: ["orders" as const], joined_at: 1 };
const ALONE: Team = { members: [], invitations: [] };
const BOTH: Team = { members: [PAT], invitations: [] };

const unexpected = () => Promise.reject(new Error("unexpected"));
const NOTHING = {
  team: unexpected,
  invite: unexpected,
  withdraw: unexpected,
  changeMember: unexpected,
  removeMember: unexpected,
};

test("a deed shows the team as the shop has it then", async () => {
  const removeMember = vi.fn(async () => ALONE);
  const teaming = teamOf({ ...NOTHING, team: async () => BOTH, removeMember }, vi.fn());
  await teaming.look();
  expect(teaming.team.value).toEqual(BOTH);
  expect(await teaming.remove("acc_pat")).toBe(true);
  expect(removeMember.mock.calls).toEqual([["acc_pat"]]);
  expect(teaming.team.value).toEqual(ALONE);
});

test("a deed that is refused is said, and the team stays as it was", async () => {
  const failed = vi.fn();
  const teaming = teamOf({ ...NOTHING, team: async () => BOTH }, failed);
  await teaming.look();
  expect(await teaming.change("acc_pat", ["sell"])).toBe(false);
  expect(failed).toHaveBeenCalledTimes(1);
  expect(teaming.team.value).toEqual(BOTH);
});

test("an invitation is answered with its code, and is awaited from then on", async () => {
  const invited = { id: "inv_1", code: "secret", expires_at: 9 };
  const awaited = { id: "inv_1", name: "Kim", permissions: [], invited_by: "Mei", expires_at: 9 };
  const team = async () => ({ ...ALONE, invitations: [awaited] });
  const teaming = teamOf({ ...NOTHING, team, invite: async () => invited }, vi.fn());
  expect(await teaming.invite({ name: "Kim", permissions: ["orders"] })).toEqual(invited);
  await vi.waitFor(() => expect(teaming.team.value?.invitations).toEqual([awaited]));
});

test("who is awaited is looked for again, and nobody else", async () => {
  const awaited = { id: "inv_1", name: "Pat", permissions: [], invited_by: "Mei", expires_at: 9 };
  const answers = [{ ...ALONE, invitations: [awaited] }, BOTH];
  const team = vi.fn(async () => answers.shift() ?? ALONE);
  const failed = vi.fn();
  const teaming = teamOf({ ...NOTHING, team }, failed);
  await teaming.again();
  await teaming.look();
  await teaming.again();
  expect(teaming.team.value).toEqual(BOTH);
  await teaming.again();
  expect(team).toHaveBeenCalledTimes(2);
});

test("a look that fails, or is late, changes nothing", async () => {
  const awaited = { id: "inv_1", name: "Kim", permissions: [], invited_by: "Mei", expires_at: 9 };
  const waiting: Team = { ...ALONE, invitations: [awaited] };
  let comes: (team: Team) => void = () => {};
  const late = () => new Promise<Team>((answer) => void (comes = answer));
  const answers = [async () => waiting, unexpected, late];
  const failed = vi.fn();
  const team = () => (answers.shift() ?? unexpected)();
  const teaming = teamOf({ ...NOTHING, team, withdraw: async () => ALONE }, failed);
  await teaming.look();
  await teaming.again();
  expect([teaming.team.value, failed.mock.calls]).toEqual([waiting, []]);
  const again = teaming.again();
  await teaming.withdraw("inv_1");
  comes(waiting);
  await again;
  expect(teaming.team.value).toEqual(ALONE);
});

test("nobody changes who may do what they may not", () => {
  expect(mayChange(["team", "orders"], PAT)).toBe(true);
  expect(mayChange(["team", "sell"], PAT)).toBe(false);
});

test("permissions are a preset when they are exactly those", () => {
  expect(presetOf(["orders"])).toBe("packer");
  expect(presetOf(["numbers", "sell", "moderate", "run_show"])).toBe("assistant");
  expect([presetOf([]), presetOf(["orders", "numbers"])]).toEqual([undefined, undefined]);
});
