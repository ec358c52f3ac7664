/** What a machine is made of before it runs: a kernel with its root file system and what is mounted on it. */
import { standardDevices } from "../fs/devices.ts";
import type { Fetcher } from "../fs/image/fetcher.ts";
import type { Mount } from "../fs/mount.ts";
import { makeRoot } from "../fs/root.ts";
import { mountTerminals } from "../fs/tty/mount.ts";
import type { FsEnvironment } from "../fs/types.ts";
import { INSTRUCTION_NS } from "../kernel/clock.ts";
import { Kernel } from "../kernel/kernel.ts";
import { mountQueues } from "../kernel/mqueue.ts";
import { LocalPids } from "../kernel/pids.ts";
import { KernelView } from "../kernel/proc-view.ts";
import { SyscallTrace } from "../kernel/strace/trace.ts";
import { TerminalJobs } from "../kernel/tty.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import type { Isolate } from "./isolate.ts";
import type { MachineLimits, MachineOptions } from "./options.ts";
import { QUANTUM } from "./quanta.ts";

/** `fetcher` brings the pages of the machine's image. Also returns where its terminals are. */
export function assemble(
  isolate: Isolate,
  fetcher: Fetcher,
  options: MachineOptions,
  limits: MachineLimits,
): { kernel: Kernel; devpts: Mount } {
  const owner = { frames: 0, peakFrames: 0, frameLimit: Math.floor((limits.memoryMiB * 1048576) / PAGE_SIZE) };
  const kernel = new Kernel({
    processor: isolate.processor,
    owner,
    pids: new LocalPids(),
    handlers: options.handlers,
    processLimit: limits.processes,
    fileLimit: limits.files,
    quantum: QUANTUM * INSTRUCTION_NS,
  });
  // For the times of the first inodes; the host's own clock counts from `run` on.
  kernel.clock.start(Date.now());
  if (options.hostname !== undefined) kernel.hostname = options.hostname;
  if (options.strace !== undefined) kernel.trace = new SyscallTrace(kernel, options.strace);
  const environment: FsEnvironment = {
    memory: isolate.frames,
    owner,
    now: () => kernel.clock.realtime(),
    random: (into) => kernel.host.random(into),
    characterDevices: standardDevices(),
  };
  const image = options.image === null ? null : { manifest: options.image, fetcher };
  kernel.vfs = makeRoot(environment, image, new KernelView(kernel), kernel.namespaceIds.next());
  const devpts = mountTerminals(kernel.vfs, new TerminalJobs(kernel));
  mountQueues(kernel);
  return { kernel, devpts };
}
