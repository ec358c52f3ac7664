/** Sends the chunks of an image that the server does not have. */
import type { Client } from "./client.ts";
import type { Progress } from "./progress.ts";

/** Chunks that are asked about in one request, and uploads under way at one time. */
const BATCH = 64;
const UPLOADS = 4;

/** Takes chunks as an import produces them; `finish` when it is done. */
export class ChunkUpload {
  readonly #client: Client;
  readonly #progress: Progress;
  readonly #seen = new Set<string>();
  #batch: [hex: string, bytes: Uint8Array][] = [];
  #bytes = 0;
  #sentBytes = 0;
  #sent = 0;

  constructor(client: Client, progress: Progress) {
    this.#client = client;
    this.#progress = progress;
  }

  async put(hex: string, bytes: Uint8Array): Promise<void> {
    if (this.#seen.has(hex)) return;
    this.#seen.add(hex);
    this.#bytes += bytes.length;
    this.#batch.push([hex, bytes]);
    if (this.#batch.length >= BATCH) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    const unchanged = this.#seen.size - this.#sent;
    this.#progress.done(`${size(this.#sentBytes)} sent in ${this.#sent} chunks, ${unchanged} were there already`);
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const chunks = batch.map(([hex]) => hex);
    const { missing } = await this.#client.json<{ missing: string[] }>("POST", "chunks", { chunks });
    const wanted = new Set(missing);
    const queue = batch.filter(([hex]) => wanted.has(hex));
    const upload = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [hex, bytes] = next;
        await this.#client.manage("PUT", `chunks/${hex}`, { body: bytes as Uint8Array<ArrayBuffer> });
        this.#sent++;
        this.#sentBytes += bytes.length;
        this.#progress.update(`${size(this.#sentBytes)} of ${size(this.#bytes)}`);
      }
    };
    await Promise.all(Array.from({ length: UPLOADS }, upload));
  }
}

function size(bytes: number): string {
  return bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
