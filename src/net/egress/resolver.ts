/** What asks the resolver for a machine: only for names that its rules mention, and with memory of what was answered. */
import type { NetworkEvent, NetworkRequest } from "../port.ts";
import { addressesOf, FORMAT_ERROR, failure, isQuery, questionOf, REFUSED, SERVER_FAILURE } from "./dns.ts";
import type { LearntNames } from "./names.ts";
import { type EgressRules, isLocalName } from "./rules.ts";

/** Queries of a machine that may be under way; more are lost, as datagrams may be. */
const MOST_QUERIES = 256;

interface Pending {
  readonly query: Uint8Array;
  readonly answered: (answer: Uint8Array) => void;
}

export class Resolver {
  readonly #rules: EgressRules;
  readonly #names: LearntNames;
  readonly #log: (message: string) => void;
  readonly #pending = new Map<number, Pending>();

  constructor(rules: EgressRules, names: LearntNames, log: (message: string) => void) {
    this.#rules = rules;
    this.#names = names;
    this.#log = log;
  }

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * `answered` is called with the answer to `query`, at once or when it is there. Returns what is to be asked of the host, as
   * `id`; null when nothing is.
   */
  ask(id: number, query: Uint8Array, answered: (answer: Uint8Array) => void): NetworkRequest | null {
    if (!isQuery(query) || this.#pending.size >= MOST_QUERIES) return null;
    const question = questionOf(query);
    if (question === null) {
      answered(failure(query, FORMAT_ERROR));
      return null;
    }
    if (!this.#rules.mentions(question.name) || isLocalName(question.name)) {
      this.#log(`egress: DNS query for ${printable(question.name)} is not allowed: REFUSED`);
      answered(failure(query, REFUSED));
      return null;
    }
    this.#pending.set(id, { query, answered });
    return { kind: "query", id, bytes: query };
  }

  /** The host's answer to a query of `ask`. */
  answer({ id, bytes, message }: NetworkEvent & { kind: "answered" }): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    const { query, answered } = pending;
    const asked = questionOf(query)!;
    const question = bytes === null ? null : questionOf(bytes);
    if (bytes === null || question?.name !== asked.name || question.type !== asked.type) {
      this.#log(`egress: DNS over HTTPS: ${message || "the answer is not one to the question"}: SERVFAIL`);
      answered(failure(query, SERVER_FAILURE));
      return;
    }
    for (const address of addressesOf(bytes)) this.#names.learn(asked.name, address);
    const answer = bytes.slice();
    answer.set(query.subarray(0, 2));
    answered(answer);
  }
}

/** A name as one line of a log. */
const printable = (name: string): string => JSON.stringify(name).slice(1, -1);
