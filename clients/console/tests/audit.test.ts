import type { AuditEntry, AuditList } from "@liveshop/client";
import { expect, test, vi } from "vitest";
import { auditOf, type Sieve } from "../src/audit.ts";

const entry = (id: number, actor: string): AuditEntry => ({
  id,
  area: "team",
  action: "invite",
  actor,
  actor_name: actor.toUpperCase(),
  at: id,
});

const ids = (list: AuditList | null) => list?.entries.map(({ id }) => id);

test("earlier entries follow those that are read, and then there are no more", async () => {
  const pages: Record<string, AuditList> = {
    "": { entries: [entry(9, "mei"), entry(8, "pat")], next: 8 },
    "8": { entries: [entry(3, "mei")] },
  };
  const ask = vi.fn(async ({ before }: { before?: number }) => pages[before ?? ""]!);
  const audit = auditOf({ audit: ask }, vi.fn());
  await audit.look();
  await audit.earlier();
  expect(ids(audit.list.value)).toEqual([9, 8, 3]);
  expect(audit.list.value?.next).toBeUndefined();
  await audit.earlier();
  expect(ask).toHaveBeenCalledTimes(2);
  expect([...audit.actors.value]).toEqual([
    ["mei", "MEI"],
    ["pat", "PAT"],
  ]);
});

test("an answer to what was asked before is not shown over what is asked now", async () => {
  const waiting: Array<(list: AuditList) => void> = [];
  const asked: Sieve[] = [];
  const ask = (sieve: Sieve) => {
    asked.push(sieve);
    return new Promise<AuditList>((answer) => waiting.push(answer));
  };
  const audit = auditOf({ audit: ask }, vi.fn());
  const all = audit.look();
  const hers = audit.look({ actor: "mei" });
  waiting[1]?.({ entries: [entry(9, "mei")] });
  await hers;
  waiting[0]?.({ entries: [entry(9, "mei"), entry(8, "pat")], next: 8 });
  await all;
  expect(asked).toEqual([{}, { actor: "mei" }]);
  expect(ids(audit.list.value)).toEqual([9]);
});
