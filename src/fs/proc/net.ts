/** /proc/[pid]/net and /proc/sys/net (proc_pid_net(5), proc_sys_net(5)). */
import { constant, type DirectoryNode, directory, file, type Owner, type ProcNode } from "./node.ts";
import type { NetworkView } from "./view.ts";

/** The files of a network namespace. */
export const networkNode = (network: () => NetworkView, owner: Owner): DirectoryNode => ({
  kind: "directory",
  mode: 0o555,
  owner,
  find: (name) => (network().reports.includes(name) ? file(() => network().report(name)) : null),
  list: () => network().reports,
});

/** Settings that programs read; none of them can be changed. */
export function networkSettings(settings: Readonly<Record<string, string | number>>): ProcNode {
  const tree: Record<string, Record<string, ProcNode>> = {};
  for (const [path, value] of Object.entries(settings)) {
    const [folder, name] = path.split("/");
    tree[folder] ??= {};
    tree[folder][name] = constant(() => value);
  }
  return directory(Object.fromEntries(Object.entries(tree).map(([folder, nodes]) => [folder, directory(nodes)])));
}
