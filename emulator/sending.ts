import { type ServerResponse } from "node:http";
import { type Socket } from "node:net";
import { type Answer } from "./pipeline";

/** Sends the head of an answer; the bytes that are to follow. */
export function begin(response: ServerResponse, answer: Answer): Buffer {
  const bytes = Buffer.from(answer.body);
  answer.settle();
  // A header that is given once more, in other letters, takes the place of the first.
  response.setHeaders(new Map(Object.entries(answer.headers)));
  response.writeHead(answer.status, { "Content-Length": bytes.length });
  return bytes;
}

export function send(response: ServerResponse, answer: Answer): void {
  response.end(begin(response, answer));
}

export function sendHalf(response: ServerResponse, answer: Answer): void {
  const bytes = begin(response, answer);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
}

/** Bytes that are no HTTP, or come too slowly: one line, then the end. */
export function refuseBrokenClient(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}
