/** How long an IPC namespace lives: with its processes, the open files of it, and the mounts of these (ipc_namespaces(7)). */
import type { Kernel } from "./kernel.ts";
import type { IpcNamespace } from "./namespaces.ts";
import { DEAD, type Thread } from "./task.ts";

/** Those of a machine but its first, which lives as long as that. */
const others = new WeakMap<Kernel, Set<IpcNamespace>>();

/** A new namespace begins. */
export function addIpcNamespace(kernel: Kernel, ipc: IpcNamespace): void {
  const known = others.get(kernel);
  if (known === undefined) others.set(kernel, new Set([ipc]));
  else known.add(ipc);
}

/** Ends those that nobody has any more; `leaving` is about to go. Objects that are left in them go too. */
export function endUnusedIpc(kernel: Kernel, leaving: Thread | null = null): void {
  const known = others.get(kernel);
  if (known === undefined || known.size === 0) return;
  for (const ipc of known) {
    if (isUsed(kernel, ipc, leaving)) continue;
    known.delete(ipc);
    ipc.objects.end();
    ipc.segments.end();
    ipc.queues?.root.clear();
  }
}

function isUsed(kernel: Kernel, ipc: IpcNamespace, leaving: Thread | null): boolean {
  if (ipc.openFiles > 0) return true;
  for (const t of kernel.threads.values()) {
    if (t === leaving || t.state === DEAD) continue;
    if (t.namespaces.ipc === ipc) return true;
    for (const { root } of t.namespaces.mnt.mounts) {
      if (root.fileSystem.type === "nsfs" && root.ino === ipc.id) return true;
    }
  }
  return false;
}
