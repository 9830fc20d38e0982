// What Node's services are built with: `node serve.mjs ws` or `node serve.mjs socketio`.
// Told what to publish by loadtest/bench/publisher.py: a line of JSON each way, the same messages at
// the same pace, stamped with the same monotonic clock.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { WebSocketServer, WebSocket } from "ws";
import { Server } from "socket.io";

const NEVER_MS = 3_600_000; // a ping in the midst of a window would be taken for a message

const server = createServer();

function overWs() {
  const hub = new WebSocketServer({ server, path: "/ws", perMessageDeflate: false });
  return (line) => {
    // A string is made to bytes for each viewer; a buffer is not.
    const frame = Buffer.from(`[${line}]`);
    for (const viewer of hub.clients) {
      if (viewer.readyState === WebSocket.OPEN) viewer.send(frame, { binary: false });
    }
  };
}

function overSocketIo() {
  const hub = new Server(server, { transports: ["websocket"], pingInterval: NEVER_MS });
  return (line) => hub.emit("m", [JSON.parse(line)]);
}

const publish = process.argv[2] === "ws" ? overWs() : overSocketIo();

function chatLine(number, size) {
  const head =
    `{"type":"chat","id":"guest_${number % 97}.${number}","from":{"id":"guest_${number % 97}",` +
    `"name":"Viewer ${number % 97}"},"text":"~${process.hrtime.bigint()} `;
  const tail = `","at":1700000000000}`;
  return head + ".".repeat(size - head.length - tail.length) + tail;
}

const tell = (message) => process.stdout.write(JSON.stringify(message) + "\n");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

async function paced(task) {
  const begin = performance.now();
  for (let number = 1; number <= task.messages; number++) {
    await sleep(begin + (number / task.rate) * 1000 - performance.now());
    publish(chatLine(number, task.size));
  }
}

server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, async () => {
  tell({ port: server.address().port });
  for await (const told of createInterface({ input: process.stdin })) {
    const task = JSON.parse(told);
    await paced(task);
    tell(task);
  }
  process.exit(0);
});
