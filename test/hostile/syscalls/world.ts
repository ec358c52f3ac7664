/** Two or three machines of one namespace at a time (guest/peers.h), ended in order or from one moment to the next; what must hold then. */
import type { ObjectStore } from "../../../src/kernel/host.ts";
import type { HandlerTable } from "../../../src/kernel/syscalls/row.ts";
import type { Isolate } from "../../../src/machine/isolate.ts";
import { Machine } from "../../../src/machine/machine.ts";
import type { ExitStatus, ProcessGroup } from "../../../src/machine/options.ts";
import { HostTree } from "../../../tools/host-tree.ts";
import { NodeHost } from "../../../tools/node-host.ts";
import { Random } from "../random.ts";
import { type CuttablePort, OVER, Platform } from "./durable.ts";
import { leftovers } from "./machine.ts";

/** Milliseconds that a machine's workers go on for. */
const TIME = 250;
const LIMITS = { cpuMs: 3000, memoryMiB: 16, processes: 40, files: 64, outputMiB: 4 };
/** Milliseconds of real time after which a machine waits for what does not come, however busy the computer is. */
const WALL = 30_000;
/** The same of a machine whose workers may stop each other. */
const WILD_WALL = 8000;
/** Semaphores, and what each of them has when everything is undone (guest/peers.h). */
const SEMAPHORES = 4;
const FULL = 10;
/** Processes that may have received a message and not yet said so. */
const WORKERS = 4;

class Peer {
  readonly machine: Machine;
  readonly port: CuttablePort;
  readonly errors: string[] = [];
  /** It was ended from one moment to the next. */
  cut = false;
  output = "";
  status: ExitStatus | null = null;
  readonly finished: Promise<unknown>;
  readonly #host: NodeHost;

  constructor(isolate: Isolate, tree: HostTree, port: CuttablePort, argv: string[], { wallMs, ...more }: PeerOptions) {
    this.port = port;
    const log = (line: string) => void (line.includes(" error: ") && this.errors.push(line));
    this.#host = Object.assign(new NodeHost(tree as ObjectStore, log), { namespace: port });
    this.machine = new Machine(isolate, { image: tree.manifest(), argv, limits: { ...LIMITS, wallMs }, ...more });
    this.machine.stdin.close();
    this.machine.stderr.onData(() => this.machine.stderr.pull());
    this.machine.stdout.onData(() => this.#take());
    this.finished = this.#run();
  }

  async #run(): Promise<void> {
    try {
      this.status = await this.machine.run(this.#host);
      this.#take();
      await this.machine.settled();
    } catch (error) {
      if (!String(error).includes(OVER)) {
        this.errors.push(`the machine broke: ${error instanceof Error ? error.stack : error}`);
      }
    } finally {
      this.port.cut();
    }
  }

  /** What was written may be seen when the machine says so (the output gate). */
  #take(): void {
    const text = Buffer.from(this.machine.stdout.pull()).toString("latin1");
    const settled = this.machine.settled();
    if (settled === null) this.output += text;
    else
      void settled.then(
        () => {
          this.output += text;
        },
        () => {},
      );
  }

  end(how: "cut" | "kill"): void {
    this.cut = true;
    if (how === "cut") this.port.cut();
    this.machine.kill();
  }
}

interface PeerOptions {
  readonly wallMs: number;
  readonly group?: ProcessGroup;
  readonly handlers: HandlerTable;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs the machines of a seed; what was wrong. */
export async function runWorld(
  isolate: Isolate,
  program: string,
  handlers: HandlerTable,
  seed: number,
): Promise<{ findings: string[]; calls: number }> {
  const random = new Random(seed);
  const tree = new HostTree();
  tree.add(program, "/program");
  const platform = new Platform(random);
  const wild = random.below(3) === 0;
  const peers: Peer[] = [];
  const start = (argv: string[], wallMs = WALL, group?: ProcessGroup): Peer => {
    const peer = new Peer(isolate, tree, platform.port(), ["/program", ...argv], { wallMs, group, handlers });
    peers.push(peer);
    return peer;
  };
  await start(["init"]).finished;
  const count = 2 + random.below(2);
  const running: Promise<unknown>[] = [];
  for (let i = 1; i <= count; i++) {
    const leader = peers.at(-1)!.machine.kernel.init;
    const group =
      i > 1 && leader !== null && random.below(2) === 0 ? { pgid: leader.pgid, sid: leader.sid } : undefined;
    const argv = ["peer", String(random.below(1e9)), String(TIME), String(i), wild ? "wild" : "quiet"];
    const peer = start(argv, wild ? WILD_WALL : WALL, group);
    running.push(peer.finished);
    if (random.below(3) === 0) {
      const how = random.below(2) === 0 ? "cut" : "kill";
      running.push(pause(random.below(TIME)).then(() => peer.end(how)));
    }
    await pause(random.below(60));
  }
  await Promise.all(running);
  const drain = start(["drain"]);
  await drain.finished;
  // Answers that nobody waits for any more.
  for (let i = 0; i < 20; i++) await platform.travel();

  const findings = peers.flatMap((peer) => [
    ...leftovers(peer.machine),
    ...(peer.machine.limits.wallMs === WALL && peer.status?.reason === "wall" ? ["a machine went on waiting"] : []),
    ...(peer.cut ? peer.errors.filter((line) => !line.includes("namespace fuzz")) : peer.errors),
  ]);
  findings.push(...(wild ? [] : account(peers, drain)));
  const left = await platform.left();
  if (!wild) findings.push(...left);
  else findings.push(...left.filter((line) => line.startsWith("namespace") && !line.includes(": object has")));
  let calls = 0;
  for (const { machine } of peers) calls += machine.stats.systemCalls;
  return { findings, calls };
}

/** Each message that was sent has been received once, and semaphores are as they were. */
function account(peers: readonly Peer[], drain: Peer): string[] {
  const findings: string[] = [];
  const received = new Map<string, number>();
  const sent = new Set<string>();
  // What processes that were killed had received and not yet told.
  let killed = 0;
  for (const { output, cut } of peers) {
    if (cut) killed += WORKERS;
    for (const line of output.split("\n").slice(0, -1)) {
      const [what, id] = line.split(" ");
      if (what === "S") sent.add(id);
      else if (what === "R") received.set(id, (received.get(id) ?? 0) + 1);
      else if (what === "K") killed++;
      else if (what === "X") findings.push(`message ${id} has other contents`);
    }
  }
  for (const [id, times] of received) if (times > 1) findings.push(`message ${id} was received ${times} times`);
  const lost = [...sent].filter((id) => !received.has(id));
  if (lost.length > killed)
    findings.push(`${lost.length} messages are lost, of which ${killed} may be: ${lost.slice(0, 5)}`);
  const values = drain.output.match(/^V .*$/gm)?.map((line) => Number.parseInt(line.slice(2), 16)) ?? [];
  if (values.length !== SEMAPHORES || values.some((value) => value !== FULL)) findings.push(`semaphores: ${values}`);
  return findings;
}
