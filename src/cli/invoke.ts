import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CliError, Client, type Connection } from "./client.ts";

interface Options extends Connection {
  method?: string;
  data?: string;
  header: string[];
  include?: boolean;
}

/** `binlet invoke`: returns the exit status. */
export async function invoke(path: string, options: Options): Promise<number> {
  const headers = new Headers();
  for (const header of options.header) {
    const colon = header.indexOf(":");
    if (colon <= 0) throw new CliError(`the header ${JSON.stringify(header)} has no colon.`);
    headers.append(header.slice(0, colon), header.slice(colon + 1).trim());
  }
  const body = options.data === undefined ? undefined : bodyOf(options.data);
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const init = { method, headers, body, duplex: "half" } as RequestInit;
  const response = await new Client(options).invoke(path.replace(/^\/+/, ""), init);
  if (options.include) {
    process.stdout.write(`HTTP ${response.status} ${response.statusText}\n`);
    for (const [name, value] of response.headers) process.stdout.write(`${name}: ${value}\n`);
    process.stdout.write("\n");
  }
  if (response.body !== null) {
    try {
      await pipeline(Readable.fromWeb(response.body as never), process.stdout, { end: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0;
      throw new CliError("the response broke off: the program failed after it had begun to answer.");
    }
  }
  return response.status < 400 ? 0 : 1;
}

function bodyOf(data: string): BodyInit {
  if (data === "-") return Readable.toWeb(process.stdin) as unknown as BodyInit;
  return data.startsWith("@") ? readFileSync(data.slice(1)) : data;
}
