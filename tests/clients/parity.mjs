/** Answers each line, a list of messages, with the room that the JavaScript SDK makes of it. */

import { createInterface } from "node:readline";

const { applied, empty } = await import(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(JSON.parse(line).reduce(applied, empty)));
}
