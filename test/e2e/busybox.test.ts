/**
 * Debian's static busybox (examples/busybox) over HTTP, equal to the same binary and files on this machine: the CGI script on
 * fixed and random input, and a collection of shell scripts.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setup } from "../../examples/busybox/setup.ts";
import { has, TestServer } from "./server.ts";

const PATH = "/bin";

/** The image's files on this machine, entered with chroot(1); the scripts of the tests run there. */
class Native {
  readonly root = mkdtempSync(join(tmpdir(), "binlet-busybox-"));

  constructor(image: string) {
    spawnSync("tar", ["-xf", image, "-C", this.root]);
    for (const [name, minor] of [
      ["null", "3"],
      ["zero", "5"],
      ["urandom", "9"],
    ]) {
      spawnSync("mknod", ["-m", "666", join(this.root, "dev", name), "c", "1", minor]);
    }
  }

  run(
    argv: string[],
    env: Record<string, string>,
    stdin: string | Buffer,
  ): { status: number; stdout: string; stderr: string } {
    const { status, stdout, stderr, error } = spawnSync("/usr/sbin/chroot", [this.root, ...argv], {
      env,
      input: stdin,
    });
    // A script that does not read its input leaves the writer with EPIPE.
    if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    return { status: status ?? -1, stdout: stdout.toString("latin1"), stderr: stderr.toString("latin1") };
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Shell scripts whose output, errors and exit status must be equal. Each gets the same standard input. */
const SCRIPTS: Record<string, string> = {
  pipeline: "tr a-z A-Z | sort | uniq -c | sort -rn | head -5",
  substitution: 'x=$(echo $(echo inner) `echo other`); echo "$x" ${x%% *} ${#x} $((7 * 6 % 5 << 3))',
  "exit status": "false || echo no; true && echo yes; (exit 7); echo $?; ! false; echo $?; exit 42",
  jobs: 'for i in 1 2 3; do (sleep 0.0$i; echo job $i) & done; wait; echo all; sleep 5 & kill $!; wait $!; echo "ended $?"',
  trap: 'trap "echo caught; exit 3" TERM; kill -TERM $$; echo not here',
  here: 'n=2; cat <<A | tr x y\nxx $n $(echo sub)\nA\ncat <<"B"\n$n\nB',
  redirections: "cd /tmp; echo one >f; echo two >>f; cat <f 2>&1; cat nothing 2>err; cat err; rm f err; ls",
  functions:
    'f() { local v=$1; [ $v -le 1 ] && echo 1 && return; echo $((v * $(f $((v - 1))))); }; f 10; set -- a "b c"; echo $# "$2"',
  loops:
    "i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 3 ] && continue; echo -n $i,; done; for f in /bin/s*t; do echo ${f##*/}; done | head -3",
  sed: 'sed -n "s/\\([a-z]*\\) \\([a-z]*\\)/\\2 \\1/p;3q"',
  awk: 'awk \'{ n[length($1)]++; s += NF } END { for (i = 0; i < 20; i++) if (i in n) print i, n[i]; printf "%.3f %x %s\\n", s / NR, 255, toupper("done") }\'',
  "awk maths":
    'awk \'BEGIN { for (i = 0; i < 6; i++) printf "%.6f %d\\n", i / 7, int(i / 2); print substr("hello", 2, 3), index("abc", "c"), match("foobar", /o+/) }\'',
  sums: "tee /tmp/a | sha256sum; md5sum </tmp/a; sha1sum </tmp/a; cksum </tmp/a 2>/dev/null || crc32 /tmp/a; sha512sum </tmp/a | cut -c1-40; rm /tmp/a",
  sort: "sort -r | sort -u | sort -k2 | tail -4; seq 20 | sort -n -r | paste -s -d,; seq 12 | shuf | sort | tr '\\n' ' '",
  gzip: "cat >/tmp/in; gzip -c /tmp/in | gunzip | cmp - /tmp/in && echo same; bzip2 -c /tmp/in | bunzip2 | wc -c; rm /tmp/in",
  tar: "cd /tmp; mkdir -p t/sub; cat >t/in; ln -s in t/link; echo x >t/sub/y; tar czf t.tgz t; rm -r t; tar xzf t.tgz; ls -R t; readlink t/link; cat t/sub/y; rm -r t t.tgz",
  find: "cd /tmp; mkdir -p d/e/f; touch d/1 d/e/2 d/e/f/3.txt; find d | sort; find d -name '*.txt' -exec echo found {} \\;; find d -type d | wc -l; rm -r d",
  "files and links":
    "cd /tmp; echo data >a; cp a b; mv b c; ln c h; stat -c '%h %s %F' c; chmod 640 c; stat -c %a c; test a -nt nothing; echo $?; rm a c h",
  grep: "grep -c the; grep -n -i THE </etc/none; echo $?; printf 'a1\\nb2\\n' | grep -E '^[a-z][0-9]$' -o",
  xargs: "seq 10 | xargs -n 3 echo row; printf 'a b\\0c\\0' | xargs -0 -n1 echo",
  od: "head -c 40 | od -A d -t x1; head -c 10 /dev/zero | hexdump -C",
  dc: "echo '2 100 ^ p' | dc; echo '10 k 2 v p' | dc; echo 'scale=20; 4*a(1)' | bc -l",
  date: "date -u -d @1700000000 '+%Y-%m-%dT%H:%M:%S %j %a'; TZ=UTC-3 date -d @0 +%H; cal 2 2024",
  base64: "base64 | tee /tmp/b | base64 -d | wc -c; tail -1 /tmp/b; rm /tmp/b",
  diff: "cd /tmp; seq 10 >a; seq 2 11 | sed s/5/five/ >b; diff a b; diff -u a b | tail -n +3; patch a <<P\n1d0\n< 1\nP\nhead -2 a; rm a b",
  "deep pipes": "yes | head -20000 | cat | cat | cat | wc -c",
  "command not found": "nosuchcommand; echo $?; /etc; echo $?",
  syntax: "if then",
  "big arithmetic": "echo $((0x7fffffffffffffff + 1)) $((1 << 62)) $((-7 / 2)) $((-7 % 3))",
  "dev files": "head -c 5 /dev/zero | wc -c; echo x >/dev/null; cat /dev/null; echo $?; head -c 8 /dev/urandom | wc -c",
  fifo: "cd /tmp; mkfifo p; (echo through >p) & cat p; wait; rm p",
  timeout: "timeout 0.05 sleep 5; echo $?; timeout 5 true; echo $?",
  environment: "A=1 env | grep ^A=; export B=2; sh -c 'echo $B $0 $1' name arg; unset B; echo ${B-unset}",
  "ulimit and umask": "umask; umask 077; touch /tmp/u; stat -c %a /tmp/u; rm /tmp/u",
};

const TEXT = "the quick brown fox\njumps over 007 lazy dogs\nthe end of the line\n\nlast words 42\n";

describe.skipIf(!has("apt-get") || process.getuid?.() !== 0)("busybox", () => {
  let server: TestServer;
  let native: Native;

  beforeAll(async () => {
    const image = setup();
    native = new Native(image);
    server = await TestServer.start();
    await server.image(image, "busybox");
    await server.putFunction("busybox", {
      image: "busybox",
      command: ["/cgi/report"],
      env: { PATH },
      cwd: "/",
      invoke: "cgi",
    });
  });
  afterAll(async () => {
    await server?.close();
    native?.close();
  });

  /** A CGI answer as the program wrote it: header lines and body apart. */
  const split = (output: string): [string[], string] => {
    const end = output.indexOf("\n\n");
    return [output.slice(0, end).split("\n"), output.slice(end + 2)];
  };

  async function report(body: Buffer, query: string): Promise<void> {
    const env = { PATH, QUERY_STRING: query, REQUEST_METHOD: "POST", PATH_INFO: "/p" };
    const { stdout, status } = native.run(["/cgi/report"], env, body);
    expect(status).toBe(0);
    const [headers, expected] = split(stdout);
    const response = await server.fetch(`/busybox/p${query && `?${query}`}`, {
      method: "POST",
      body: new Uint8Array(body),
    });
    expect(Buffer.from(await response.arrayBuffer()).toString("latin1")).toBe(expected);
    for (const line of headers) {
      const [name, value] = line.split(": ");
      if (name === "Status") expect(`${response.status}`).toBe(value.split(" ")[0]);
      else expect(response.headers.get(name)).toBe(value);
    }
  }

  test("the CGI script answers as natively", async () => {
    await report(Buffer.from(TEXT), "top=3&case=fold");
    await report(Buffer.from(""), "");
    await report(Buffer.from("one line without end"), "top=1");
  });

  test("also on input drawn at random", async () => {
    for (let round = 0; round < 5; round++) {
      const seed = randomBytes(8).toString("hex");
      let state = createHash("sha256").update(seed).digest();
      const words: string[] = [];
      for (let i = 0; i < 400 * (round + 1); i++) {
        state = createHash("sha256").update(state).digest();
        words.push(`${state.toString("base64").slice(0, 1 + (state[0] % 9))}${state[1] < 40 ? "\n" : " "}`);
      }
      console.log(`busybox: random input of round ${round} from seed ${seed}`);
      await report(Buffer.from(words.join("")), `top=${round * 3}&case=${round % 2 ? "fold" : "keep"}`);
    }
  });

  test.each(Object.keys(SCRIPTS))("sh: %s", async (name) => {
    const argv = ["/bin/sh", "-c", SCRIPTS[name]];
    const expected = native.run(argv, { PATH }, TEXT);
    const answer = await server.exec({ image: "busybox", argv, env: { PATH }, cwd: "/", stdin: btoa(TEXT) });
    expect({ status: answer.exitCode, stdout: answer.stdout, stderr: answer.stderr }).toEqual(expected);
  });

  test("a script file of random size goes through the body of a request", async () => {
    const bytes = randomBytes(100_000 + randomBytes(1)[0] * 100);
    const file = join(native.root, "tmp/data");
    writeFileSync(file, bytes);
    const argv = [
      "/bin/sh",
      "-c",
      "cat >/tmp/data; sha256sum /tmp/data; gzip -9 </tmp/data | gunzip | sha256sum; wc -c </tmp/data",
    ];
    const expected = native.run(argv, { PATH }, bytes);
    const answer = await server.exec({
      image: "busybox",
      argv,
      env: { PATH },
      cwd: "/",
      stdin: bytes.toString("base64"),
    });
    expect(answer.stdout).toBe(expected.stdout);
  });
});
