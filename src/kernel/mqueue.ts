/** The file system of POSIX message queues, as the kernel runs it. */
import { CAP_SYS_RESOURCE } from "../abi/capability.ts";
import { RLIMIT_MSGQUEUE } from "../abi/resource.ts";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID } from "../abi/statfs.ts";
import { QueueFileSystem, type QueueHost } from "../fs/mqueue.ts";
import { directoryAt } from "../fs/root.ts";
import { capable } from "./capabilities.ts";
import type { Kernel } from "./kernel.ts";
import { localPid } from "./lookup.ts";
import type { IpcNamespace } from "./namespaces.ts";

/** The process that runs, and root while none does. */
class CurrentProcess implements QueueHost {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get pid(): number {
    return this.#kernel.current?.process.pid ?? 0;
  }
  get uid(): number {
    return this.#kernel.current?.credentials.uid ?? 0;
  }
  get byteLimit(): number {
    return this.#kernel.current?.process.limits.soft[RLIMIT_MSGQUEUE] ?? Number.POSITIVE_INFINITY;
  }
  get privileged(): boolean {
    const { current } = this.#kernel;
    return current === null || capable(current.credentials, CAP_SYS_RESOURCE);
  }
  localPid(pid: number): number {
    const { current } = this.#kernel;
    return current === null ? pid : localPid(current.process, pid);
  }
}

/** That of an IPC namespace. */
export function queuesOf(kernel: Kernel, namespace: IpcNamespace): QueueFileSystem {
  namespace.queues ??= new QueueFileSystem(kernel.vfs.environment, new CurrentProcess(kernel), namespace.memory);
  return namespace.queues;
}

/** Puts the queues of the first IPC namespace where programs look for them. */
export function mountQueues(kernel: Kernel): void {
  const { vfs } = kernel;
  const at = directoryAt(vfs, "/dev/mqueue", 0o1777);
  vfs.mount(queuesOf(kernel, kernel.namespaces.ipc), at, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC);
}
