/** How long an IPC namespace lives: with its processes, the open files of it, and the mounts of these (ipc_namespaces(7)). */
import type { MountNamespace } from "../fs/mount-namespace.ts";
import type { Kernel } from "./kernel.ts";
import type { IpcNamespace } from "./namespaces.ts";
import { DEAD, type Thread } from "./task.ts";

/** Ends those that nobody has any more; `leaving` is about to go. Objects that are left in them go too. */
export function endUnusedIpc(kernel: Kernel, leaving: Thread | null = null): void {
  const known = kernel.ipcNamespaces;
  if (known.size === 0) return;
  const unused = new Map<number, IpcNamespace>();
  for (const ipc of known) if (ipc.openFiles === 0) unused.set(ipc.id, ipc);
  const trees = new Set<MountNamespace>();
  for (const t of kernel.threads.values()) {
    if (unused.size === 0) return;
    if (t === leaving || t.state === DEAD) continue;
    unused.delete(t.namespaces.ipc.id);
    trees.add(t.namespaces.mnt);
  }
  if (unused.size > 0) keepMounted(unused, trees);
  for (const ipc of unused.values()) {
    known.delete(ipc);
    ipc.objects.end();
    ipc.segments.end();
    ipc.queues?.root.clear();
  }
}

/** Takes out those whose file is mounted somewhere. */
function keepMounted(unused: Map<number, IpcNamespace>, trees: Iterable<MountNamespace>): void {
  for (const { root } of trees) {
    for (const mount of root.tree()) {
      if (mount.root.fileSystem.type === "nsfs") unused.delete(mount.root.ino);
    }
  }
}
