/** Egress rules and DNS messages. */
import { describe, expect, test } from "vitest";
import { addressesOf, failure, questionOf, REFUSED, truncated } from "../../src/net/egress/dns.ts";
import { LearntNames } from "../../src/net/egress/names.ts";
import { addressText, EgressRules, parseIpv4, parseIpv6, parseRule } from "../../src/net/egress/rules.ts";

describe("rules", () => {
  test.each([
    "example.com:443",
    "*.example.com:*",
    "*:443",
    "*:*",
    "192.0.2.1:80",
    "10.0.0.0/8:5432",
    "[2001:db8::1]:443",
    "[2001:db8::/32]:*",
    "_service.example:1",
    "xn--bcher-kva.example:80",
  ])("%s", (rule) => expect(parseRule(rule)).not.toBeNull());

  test.each([
    "example.com",
    ":443",
    "example.com:0",
    "example.com:65536",
    "example.com:https",
    "a.*.com:1",
    "*example.com:1",
    "localhost:80",
    "db.localhost:80",
    "127.1:80",
    "0x7f000001:80",
    "10.0.0.0/33:1",
    "[::1:80",
    "[2001:db8::/129]:1",
    "exa mple:1",
    "example.com.:1",
    "http://example.com:80",
  ])("not %s", (rule) => expect(parseRule(rule)).toBeNull());

  test("names, below and exact", () => {
    const rules = new EgressRules(["api.example:443", "*.example.com:*"]);
    expect(rules.allowsName("api.example", 443)).toBe(true);
    expect(rules.allowsName("api.example", 80)).toBe(false);
    expect(rules.allowsName("x.api.example", 443)).toBe(false);
    expect(rules.allowsName("a.b.example.com", 1)).toBe(true);
    expect(rules.allowsName("example.com", 1)).toBe(false);
    expect(rules.allowsName("evilexample.com", 1)).toBe(false);
    expect(rules.mentions("api.example")).toBe(true);
    expect(rules.mentions("other.example")).toBe(false);
    expect(rules.allowsAddress(Uint8Array.of(1, 2, 3, 4), 443)).toBe(false);
  });

  test("addresses and their networks", () => {
    const rules = new EgressRules(["10.32.0.0/11:5432", "[2001:db8::/33]:443", "192.0.2.7:*"]);
    expect(rules.allowsAddress(Uint8Array.of(10, 63, 255, 255), 5432)).toBe(true);
    expect(rules.allowsAddress(Uint8Array.of(10, 64, 0, 0), 5432)).toBe(false);
    expect(rules.allowsAddress(Uint8Array.of(10, 63, 0, 0), 80)).toBe(false);
    expect(rules.allowsAddress(parseIpv6("2001:db8:7fff::1")!, 443)).toBe(true);
    expect(rules.allowsAddress(parseIpv6("2001:db8:8000::1")!, 443)).toBe(false);
    expect(rules.allowsAddress(Uint8Array.of(192, 0, 2, 7), 9)).toBe(true);
    expect(rules.mentions("example.com")).toBe(false);
  });

  test("addresses as text", () => {
    expect(parseIpv6("::ffff:192.0.2.1")).toEqual(parseIpv6("::ffff:c000:201"));
    expect(addressText(parseIpv6("2001:db8::1:0")!)).toBe("2001:db8:0:0:0:0:1:0");
    for (const text of ["1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":::", "12345::", "g::"]) {
      expect(parseIpv6(text)).toBeNull();
    }
    for (const text of ["1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5"]) expect(parseIpv4(text)).toBeNull();
  });
});

/** A query for `name`, and what follows the question. */
function message(name: string, type: number, counts: number[], rest: number[] = []): Uint8Array {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.from([
    0x12,
    0x34,
    1,
    0,
    0,
    1,
    ...counts.flatMap((n) => [n >> 8, n & 0xff]),
    ...labels,
    0,
    0,
    type,
    0,
    1,
    ...rest,
  ]);
}
const record = (n: number) => [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, n];

test("a name that would not be a host's in a URL is not learnt", () => {
  const names = new LearntNames();
  const address = Uint8Array.of(192, 0, 2, 1);
  const host = "-x.r1---a_b.example.com";
  for (const name of [
    "",
    host,
    "evil.test/.example.com",
    "evil.test?.example.com",
    "evil.test#.example.com",
    "evil.test\\.example.com",
    "user@.example.com",
    "evil%2etest.example.com",
    "a b.example.com",
    "a\n.example.com",
    "evil.test:80",
    "a..example.com",
    "db.localhost",
    "127.1",
    "0x7f000001",
  ]) {
    names.learn(name, address);
  }
  expect(names.of(address)).toEqual([host]);
});

describe("DNS messages", () => {
  test("a question", () => {
    expect(questionOf(message("WWW.Example.com", 28, [0, 0, 0]))).toMatchObject({ name: "www.example.com", type: 28 });
    expect(questionOf(message("a.b", 1, [0, 0, 0]).subarray(0, 15))).toBeNull();
    expect(questionOf(new Uint8Array(5))).toBeNull();
  });

  test("a label with a dot in it, a pointer that does not go back", () => {
    const dotted = message("axb.example", 1, [0, 0, 0]);
    dotted[14] = 0x2e;
    expect(questionOf(dotted)).toBeNull();
    const loop = message("abc", 1, [0, 0, 0]);
    loop.set([0xc0, 12], 12);
    expect(questionOf(loop)).toBeNull();
  });

  test("addresses of an answer, as far as it is whole", () => {
    const answer = message("a.test", 1, [2, 0, 0], [...record(1), ...record(2)]);
    expect(addressesOf(answer).map(addressText)).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(addressesOf(answer.subarray(0, answer.length - 1)).map(addressText)).toEqual(["192.0.2.1"]);
  });

  test("an answer that is too large for a datagram keeps what fits", () => {
    const records = Array.from({ length: 60 }, (_, i) => record(i)).flat();
    const query = message("a.test", 1, [0, 0, 0]);
    const cut = truncated(message("a.test", 1, [60, 0, 0], records), query);
    expect(cut.length).toBeLessThanOrEqual(512);
    expect(cut[2] & 2).toBe(2);
    expect(addressesOf(cut).length).toBe(30);
    const extended = message("a.test", 1, [0, 0, 1], [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    expect(truncated(message("a.test", 1, [60, 0, 0], records), extended).length).toBeGreaterThan(900);
  });

  test("a refusal repeats the question", () => {
    const query = message("a.test", 1, [0, 0, 1], [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    const refused = failure(query, REFUSED);
    expect([...refused.subarray(0, 12)]).toEqual([0x12, 0x34, 0x81, 0x85, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(questionOf(refused)?.name).toBe("a.test");
  });
});
