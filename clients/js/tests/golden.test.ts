/** The frames that the server's own tests write and read, fed to the state one by one. */

import { expect, test } from "vitest";
import type { ServerMessage } from "../src/messages.ts";
import { applied, empty } from "../src/state.ts";

const frames = import.meta.glob<readonly ServerMessage[]>("../../protocol/examples/server/*.json", {
  eager: true,
  import: "default",
});

test("there is an example of every message", () => {
  expect(Object.keys(frames).length).toBeGreaterThanOrEqual(20);
});

test.each(Object.entries(frames))(
  "%s is applied, and applying it twice changes nothing more",
  (_, frame) => {
    const once = frame.reduce(applied, empty);
    expect(frame.reduce(applied, once)).toEqual(once);
  },
);
