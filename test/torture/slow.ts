import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const connections = 60;

/** A slow loris: many calls that never come to their end, a byte at a time, for so many milliseconds. */
export async function creep(url: string, ms: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: connections }, (_, at) => {
    const socket = connect(Number(port), hostname);
    // The gateway may cut it off, or be killed: that is what it should do.
    socket.on("error", () => {});
    const head = "POST /webhooks/line HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n";
    // One half stays inside the headers, the other inside the body.
    socket.write(at % 2 === 0 ? head : `${head}\r\n{`);
    return socket;
  });
  for (let left = ms; left > 0; left -= 200) {
    for (const socket of sockets) write(socket);
    await pause(200);
  }
  for (const socket of sockets) socket.destroy();
}

function write(socket: Socket): void {
  if (socket.writable) socket.write("x");
}
