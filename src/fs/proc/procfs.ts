import { ENOENT, EPERM, Errno } from "../../abi/errno.ts";
import { PROC_SUPER_MAGIC, type StatFsFields } from "../../abi/statfs.ts";
import type { Caller, FsEnvironment } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { type DirectoryNode, link, NodeFileSystem, ProcDirectory, type ProcNode } from "./node.ts";
import { DEFAULT_OPTIONS, isVisible, mayEnter, optionsText, type ProcOptions } from "./options.ts";
import { otherProcessNode } from "./others.ts";
import { processNode } from "./process.ts";
import { systemNodes } from "./system.ts";
import type { SystemView } from "./view.ts";

/** proc(5): what the kernel says of itself and its processes. */
export class ProcFileSystem extends NodeFileSystem {
  readonly root: ProcDirectory;
  readonly createError = ENOENT;

  options: ProcOptions;

  constructor(environment: FsEnvironment, vfs: Vfs, system: SystemView, options: ProcOptions = DEFAULT_OPTIONS) {
    super(environment, "proc");
    this.options = options;
    this.root = new ProcDirectory(
      this,
      rootNode(vfs, system, () => this.options),
      null,
      "",
      "",
    );
  }

  override get optionText(): string {
    return optionsText(this.options);
  }

  override statfs(): StatFsFields {
    return { type: PROC_SUPER_MAGIC, blockSize: 4096, blocks: 0, free: 0, files: 0, filesFree: 0, nameLength: 255 };
  }
}

function rootNode(vfs: Vfs, system: SystemView, options: () => ProcOptions): DirectoryNode {
  const own: Record<string, ProcNode> = {
    self: link((caller) => String(shown(system, caller.pid))),
    "thread-self": link((caller) => `${shown(system, caller.pid)}/task/${shown(system, tidOf(caller))}`),
  };
  // The others, some hundred, are made when they are first asked for; the C library's start-up only asks for self.
  let others: Record<string, ProcNode> | null = null;
  const fixed = (): Record<string, ProcNode> => (others ??= { ...systemNodes(vfs, system), ...own });
  return {
    kind: "directory",
    mode: 0o555,
    find(name, caller) {
      if (Object.hasOwn(own, name)) return own[name];
      if (!/^[1-9][0-9]{0,9}$/.test(name)) {
        return !options().processesOnly && Object.hasOwn(fixed(), name) ? fixed()[name] : null;
      }
      const process = system.processView(Number(name));
      if (process !== null) {
        if (!isVisible(options(), process, caller)) return null;
        const node = processNode(vfs, system, process, Number(name));
        return { ...node, denial: (who) => (mayEnter(options(), process, who) ? 0 : -EPERM) };
      }
      const other = system.others?.find(Number(name)) ?? null;
      return other && otherProcessNode(other);
    },
    *list(caller) {
      yield* Object.keys(options().processesOnly ? own : fixed());
      const processes = [...system.processViews()].filter((process) => isVisible(options(), process, caller));
      const pids = processes.map(({ pid }) => pid);
      if (system.others !== null) pids.push(...system.others.pids());
      for (const pid of pids.sort((a, b) => a - b)) yield String(pid);
    },
  };
}

/** ENOENT for one who is not in the namespace of this /proc. */
function shown(system: SystemView, number: number): number {
  const pid = system.numberOf(number);
  if (pid === 0) throw new Errno(ENOENT);
  return pid;
}

/** Threads carry their own number beside the process's. */
const tidOf = (caller: Caller & { tid?: number }): number => caller.tid ?? caller.pid;
