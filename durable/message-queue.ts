/** A System V message queue as a Durable Object: a row a message. */
import { type LeaseRecord, messagesAfter } from "../src/ipc/lease-record.ts";
import { MessageQueue, type PlacedMessage, type SavedMessageQueue, SIZE_OF_QUEUE } from "../src/ipc/message-queue.ts";
import type { IpcMessage, MemoryBudget, MessageQueueRequest, MessageQueueStatus, Ticket } from "../src/ipc/protocol.ts";
import type { ObjectRequest } from "../src/ipc/wire.ts";
import type { ObjectRecord } from "../src/kernel/namespace-port.ts";
import type { Waiting } from "./ledger.ts";
import { SharedObject } from "./shared-object.ts";
import type { StoredObject } from "./stored-object.ts";

interface StatusRow extends MessageQueueStatus {
  readonly removed: boolean;
  readonly lastPlace: number;
}

type Of<Op> = Extract<MessageQueueRequest, { op: Op }>;

export class MessageQueueObject extends SharedObject {
  protected readonly kind = "message";

  protected create(sql: SqlStorage, { permissions, byteLimit, created }: ObjectRecord): StoredObject {
    sql.exec(
      `CREATE TABLE status (value TEXT);
       INSERT INTO status VALUES ('');
       CREATE TABLE message (place INTEGER PRIMARY KEY, type TEXT, text BLOB);`,
    );
    this.memory.take(SIZE_OF_QUEUE);
    return new StoredQueue(sql, new MessageQueue<Ticket>(permissions, byteLimit, created, this.memory), this.memory);
  }

  protected load(sql: SqlStorage, waiting: readonly Waiting[]): StoredObject {
    const { value } = sql.exec<{ value: string }>("SELECT value FROM status").one();
    const { removed, lastPlace, ...status } = JSON.parse(value) as StatusRow;
    const messages: PlacedMessage[] = [];
    for (const row of sql.exec<Record<string, SqlStorageValue>>("SELECT * FROM message ORDER BY place")) {
      const type = BigInt(row.type as string);
      messages.push({
        type: type <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(type) : type,
        text: new Uint8Array(row.text as ArrayBuffer),
        place: row.place as number,
      });
    }
    const those = <Op extends "send" | "receive">(op: Op) =>
      waiting.filter(({ request }) => request.op === op) as unknown as { ticket: Ticket; request: Of<Op> }[];
    const saved = { status, messages, lastPlace, senders: those("send"), receivers: those("receive") };
    const queue = MessageQueue.restore(saved, this.memory);
    if (removed) queue.remove();
    return new StoredQueue(sql, queue, this.memory);
  }
}

class StoredQueue implements StoredObject {
  readonly #sql: SqlStorage;
  readonly #memory: MemoryBudget;
  #queue: MessageQueue;
  /** Places of the messages that SQLite has, in order. */
  #places: readonly number[];
  #status = "";

  constructor(sql: SqlStorage, queue: MessageQueue, memory: MemoryBudget) {
    this.#sql = sql;
    this.#memory = memory;
    this.#queue = queue;
    this.#places = queue.messages.map(({ place }) => place);
  }

  get removed(): boolean {
    return this.#queue.removed;
  }
  get status(): MessageQueueStatus {
    return this.#queue.status;
  }
  get completions() {
    return this.#queue.completions;
  }
  set completions(list) {
    this.#queue.completions = list;
  }

  submit(request: ObjectRequest, now: number, ticket: Ticket) {
    return this.#queue.submit(request as MessageQueueRequest, now, () => ticket);
  }

  cancel(ticket: Ticket): void {
    this.#queue.cancel(ticket);
  }

  get state(): SavedMessageQueue {
    return this.#queue.save();
  }

  discard(): void {
    this.#queue.discard();
  }

  replace({ state, gone }: Pick<LeaseRecord, "state" | "gone">): void {
    const { messages, ...rest } = state as SavedMessageQueue;
    const all = messagesAfter(this.#queue.messages, messages, gone);
    this.discard();
    this.#queue = MessageQueue.restore({ ...rest, messages: all }, this.#memory);
  }

  forget(machine: number, unseen: readonly IpcMessage[], now: number): void {
    this.#queue.forget(machine);
    const messages = unseen.filter((message) => "place" in message) as PlacedMessage[];
    for (const message of messages.sort((a, b) => a.place - b.place)) this.#queue.putBack(message, now);
  }

  *machines(): Iterable<number> {}

  store(): void {
    const sql = this.#sql;
    const { messages, lastPlace, removed } = this.#queue;
    const row: StatusRow = { ...this.#queue.status, lastPlace, removed };
    const status = JSON.stringify(row);
    if (status === this.#status) return;
    sql.exec("UPDATE status SET value = ?", status);
    this.#status = status;
    // Both are in order of their places.
    const stored = this.#places;
    let at = 0;
    for (const { place, type, text } of messages) {
      while (at < stored.length && stored[at] < place) sql.exec("DELETE FROM message WHERE place = ?", stored[at++]);
      if (at < stored.length && stored[at] === place) at++;
      else sql.exec("INSERT INTO message VALUES (?, ?, ?)", place, type.toString(), text);
    }
    while (at < stored.length) sql.exec("DELETE FROM message WHERE place = ?", stored[at++]);
    this.#places = messages.map(({ place }) => place);
  }
}
