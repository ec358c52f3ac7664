/** The names that the machine's DNS queries have shown an address to have, so that rules for names apply to addresses. */
import { type Ip, ipOf } from "../inet/ip.ts";
import { isHostName, isLocalName } from "./rules.ts";

/** Addresses that are remembered, the latest ones; names of each. */
const MOST_ADDRESSES = 1024;
const MOST_NAMES = 16;

export class LearntNames {
  /** The latest address last, and of its names the latest last. */
  readonly #names = new Map<Ip, string[]>();

  /** Passes over what is no name of a host, and what is one of the machine's own. */
  learn(name: string, address: Uint8Array): void {
    if (!isHostName(name) || isLocalName(name)) return;
    const ip = ipOf(address);
    const names = (this.#names.get(ip) ?? []).filter((known) => known !== name);
    this.#names.delete(ip);
    this.#names.set(ip, [...names, name].slice(-MOST_NAMES));
    if (this.#names.size > MOST_ADDRESSES) this.#names.delete(this.#names.keys().next().value!);
  }

  /** The latest first. */
  of(address: Uint8Array): readonly string[] {
    return (this.#names.get(ipOf(address)) ?? []).toReversed();
  }
}
