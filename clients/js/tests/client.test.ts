import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ANSWER_WITHIN_MS, enter, type Room } from "../src/client.ts";
import { RoomError, Refusal } from "../src/errors.ts";
import { ASLEEP_MS, DEADLINE_MS, type Phase } from "../src/session.ts";
import { FakeServer, JOINED } from "./fakeserver.ts";

let server: FakeServer;
let room: Room;
let phases: Phase[];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  server = new FakeServer();
  room = enter({
    url: "ws://shop/ws",
    room: "tea-time",
    token: "t0",
    connect: server.connect,
    random: () => 0,
  });
  phases = [];
  room.on("phase", (phase) => phases.push(phase));
});

afterEach(() => {
  room.leave();
  vi.useRealTimers();
});

test("a reconnect resumes from the last position that was seen", () => {
  server.admit();
  server.say({ type: "pinned", offer: "o1", offset: 43 });
  server.drop(1006);
  vi.advanceTimersByTime(500);
  server.open();
  expect(server.heard).toEqual([
    { type: "join", room: "tea-time", token: "t0", since: { epoch: "b7f3", offset: 43 } },
  ]);
  expect(phases).toEqual(["joining", "live", "waiting", "connecting", "joining"]);
});

test("missed events follow a recovered join, and what was seen before is not applied again", () => {
  server.admit();
  server.say({ type: "pinned", offer: "o1", offset: 43 });
  server.drop(3008);
  vi.advanceTimersByTime(500);
  server.open();
  const { snapshot: _none, ...joined } = JOINED;
  server.say(
    { ...joined, offset: 45, recovered: true },
    { type: "pinned", offer: "o1", offset: 43 },
    { type: "pinned", offer: "o2", offset: 44 },
    { type: "unpinned", offset: 45 },
  );
  expect(room.state.pinned).toBeNull();
  expect(room.phase).toBe("live");
});

test("a hole in the control lane is never applied: the client comes back for what it missed", () => {
  server.admit();
  server.say({ type: "pinned", offer: "o9", offset: 45 }, { type: "pulse", viewers: 7, likes: 1 });
  expect(room.state.pinned).toBeNull();
  expect(room.state.viewers).toBe(1);
  expect(server.closes).toEqual([4000]);
  vi.advanceTimersByTime(500);
  server.open();
  expect(server.heard[0]).toMatchObject({ since: { epoch: "b7f3", offset: 42 } });
});

test("an unanswered reserve is sent again with the same id, and settles once", async () => {
  server.admit();
  const reserved = room.reserve("o1");
  const [, first] = server.heard;
  expect(room.state.attempts).toMatchObject({ o1: { phase: "reserving" } });
  server.drop(3001);
  vi.advanceTimersByTime(500);
  server.admit();
  const [, again] = server.heard;
  // Only the first is fresh: the gate itself must answer the second.
  expect(first).toEqual({ ...again, fresh: true });
  const to = first?.type === "reserve" ? first.id : "";
  server.say({ type: "reserved", to, offer: "o1", hold: "h1", quantity: 1, expires_at: 9 });
  await expect(reserved).resolves.toMatchObject({ hold: "h1" });
  expect(room.state.attempts).toEqual({ o1: { phase: "reserved", hold: "h1", expires_at: 9 } });
});

test("a refusal rejects with its reason", async () => {
  server.admit();
  const refused = room.reserve("o1").catch((why: unknown) => why);
  const [, sent] = server.heard;
  const to = sent?.type === "reserve" ? sent.id : "";
  server.say({ type: "refused", to, offer: "o1", reason: "sold_out" });
  const why = await refused;
  expect(why).toBeInstanceOf(Refusal);
  expect((why as Refusal).reason).toBe("sold_out");
});

test("who waits hears where they stand, and again when it is their turn", async () => {
  server.admit();
  const waiting = room.wait("o1");
  const [, sent] = server.heard;
  expect(sent).toMatchObject({ type: "wait", offer: "o1", quantity: 1 });
  const to = sent?.type === "wait" ? sent.id : "";
  server.say({ type: "waiting", to, offer: "o1", place: 4 });
  await expect(waiting).resolves.toMatchObject({ place: 4 });
  expect(room.state.lines).toEqual({ o1: { offer: "o1", place: 4, quantity: 1 } });
  const turn = { hold: "h1", quantity: 1, expires_at: 9, waited: true };
  server.say({ type: "reserved", offer: "o1", ...turn });
  expect(room.state.lines).toEqual({});
  expect(room.state.attempts).toEqual({ o1: { phase: "reserved", hold: "h1", expires_at: 9 } });
});

test("who leaves the line is in it no more", async () => {
  server.admit();
  server.say({ type: "waiting", to: "", offer: "o1", place: 4 });
  const left = room.unwait("o1");
  const [, sent] = server.heard;
  const to = sent?.type === "unwait" ? sent.id : "";
  server.say({ type: "unwaited", to, offer: "o1", reason: "left" });
  await left;
  expect(room.state.lines).toEqual({});
});

test("what is never answered is given up, and may be tried anew", async () => {
  server.admit();
  const lost = room.reserve("o1").catch((why: unknown) => why);
  server.drop(1006);
  vi.advanceTimersByTime(ANSWER_WITHIN_MS);
  expect(((await lost) as RoomError).code).toBe("unanswered");
  expect(room.state.attempts).toEqual({});
});

test("a line is shown at once, and merges with what the room hears", async () => {
  server.admit();
  const said = room.say("hello");
  expect(room.state.chat.map(({ text }) => text)).toEqual(["hello"]);
  const [, sent] = server.heard;
  const id = sent?.type === "chat" ? sent.id : "";
  const from = { id: "acc_1", name: "Ada" };
  server.say(
    { type: "chat", id: `acc_1.${id}`, from, text: "hello", at: 5 },
    { type: "ok", to: id },
  );
  await said;
  expect(room.state.chat).toHaveLength(1);
});

test("a reply says what it answers and whom it calls, here and there", async () => {
  server.admit();
  const from = { id: "acc_2", name: "Ben Lee" };
  server.say({ type: "chat", id: "acc_2.1", from, text: "how big is it?", at: 5 });
  const said = room.say("@ben lee two litres", { reply_to: "acc_2.1" });
  const [, sent] = server.heard;
  const about = { reply_to: "acc_2.1", mentions: [{ id: "acc_2", name: "ben lee" }] };
  expect(sent).toMatchObject({ type: "chat", text: "@ben lee two litres", ...about });
  expect(room.state.chat.at(-1)).toMatchObject({
    ...about,
    quote: { from, text: "how big is it?" },
  });
  server.say({ type: "ok", to: sent?.type === "chat" ? sent.id : "" });
  await said;
});

test("a refused line is taken back", async () => {
  server.admit();
  const refused = room.say("hello").catch((why: unknown) => why);
  const [, sent] = server.heard;
  const to = sent?.type === "chat" ? sent.id : "";
  server.say({ type: "error", code: "rate_limited", detail: "slower, please", to });
  expect(((await refused) as RoomError).code).toBe("rate_limited");
  expect(room.state.chat).toEqual([]);
});

test("a final code ends it: nothing is tried again until someone else comes", () => {
  const reasons: string[] = [];
  room.on("closed", ({ code }) => reasons.push(code));
  server.open();
  server.say({ type: "error", code: "expired_token", detail: "the token has expired" });
  server.drop(3501);
  vi.advanceTimersByTime(60_000);
  expect(server.connections).toHaveLength(1);
  expect(reasons).toEqual(["expired_token"]);
  room.authenticate(null);
  server.open();
  expect(server.heard).toEqual([{ type: "join", room: "tea-time" }]);
});

test("what is asked while coming back under a name is sent after the join", async () => {
  server.admit();
  room.authenticate("t1");
  const left = room.reserve("o1").catch((why: unknown) => why);
  expect(server.heard).toEqual([]);
  server.admit();
  expect(server.heard.map(({ type }) => type)).toEqual(["join", "reserve"]);
  expect(server.heard[0]).toMatchObject({ token: "t1" });
  room.leave();
  expect(((await left) as RoomError).code).toBe("closed");
});

test("a server that goes quiet is left, and tried again", () => {
  server.admit();
  vi.advanceTimersByTime(DEADLINE_MS + 500);
  expect(server.closes).toEqual([4000]);
  expect(phases.at(-1)).toBe("waiting");
});

test("the server's clock is right to a few ms after the first pongs", () => {
  server.admit({ at: 1_005_000 });
  expect(room.serverNow()).toBe(1_005_000);
  vi.advanceTimersByTime(0);
  const ping = server.connections[0]?.find(({ type }) => type === "ping");
  const at = ping?.type === "ping" ? ping.at : 0;
  vi.advanceTimersByTime(40);
  server.say({ type: "pong", id: 1, at, server_at: 1_005_021 });
  expect(room.serverNow()).toBe(1_005_041);
});

test("who slept comes in anew at once, from where they were", () => {
  server.admit();
  server.say({ type: "pinned", offer: "o1", offset: 43 });
  // Timers sleep, too.
  vi.setSystemTime(Date.now() + 600_000);
  room.wake();
  expect(server.closes).toEqual([4000]);
  server.open();
  expect(server.heard).toEqual([
    { type: "join", room: "tea-time", token: "t0", since: { epoch: "b7f3", offset: 43 } },
  ]);
});

test("who was away for a moment stays connected", () => {
  server.admit();
  vi.setSystemTime(Date.now() + ASLEEP_MS);
  room.wake();
  expect(server.closes).toEqual([]);
  server.say({ type: "pulse", viewers: 9, likes: 0 });
  vi.setSystemTime(Date.now() + ASLEEP_MS);
  room.wake();
  expect(server.connections).toHaveLength(1);
  expect(room.state.viewers).toBe(9);
});

test("a clock that was set meanwhile is right with the next join", () => {
  server.admit({ at: 1_000_000 });
  vi.setSystemTime(1_600_000);
  room.wake();
  server.admit({ at: 1_000_700 });
  expect(room.serverNow()).toBe(1_000_700);
  // A join that was a moment on its way says nothing about the clock.
  vi.setSystemTime(1_700_000);
  room.wake();
  server.admit({ at: 1_100_300 });
  expect(room.serverNow()).toBe(1_100_700);
});

test("an abandoned connection is not heard any more", () => {
  server.admit();
  const late = new FakeServer();
  const quiet = enter({ url: "ws://shop/ws", room: "tea-time", connect: late.connect });
  late.admit();
  quiet.leave();
  late.say({ type: "pulse", viewers: 99, likes: 0 });
  expect(quiet.state.viewers).toBe(1);
});
