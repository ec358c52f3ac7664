/** One HTTP request on a connection of its own, timed. */
import { request as httpRequest } from "node:http";

export interface Answer {
  status: number;
  body: Buffer;
  milliseconds: number;
}

/** `host` chooses the Worker where several share a server. */
export function request(
  url: string,
  path: string,
  { method = "GET", host, body }: { method?: string; host?: string; body?: Uint8Array } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const headers: Record<string, string | number> = { "accept-encoding": "identity" };
    if (host !== undefined) headers.host = host;
    if (body !== undefined) headers["content-length"] = body.length;
    const call = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const milliseconds = performance.now() - start;
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), milliseconds });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}
