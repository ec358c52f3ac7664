/** /proc/[pid]/uid_map, gid_map and setgroups (user_namespaces(7), kernel/user_namespace.c). */
import { CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN } from "../abi/capability.ts";
import { EINVAL, EPERM, Errno } from "../abi/errno.ts";
import { capableIn } from "./capabilities.ts";
import type { Thread } from "./task.ts";
import { idMapText, parseIdMap, type UserNamespace } from "./user-namespace.ts";

export type IdMapKind = "uid" | "gid";

export function readIdMap(viewer: Thread, namespace: UserNamespace, kind: IdMapKind): string {
  const own = viewer.credentials.userNamespace;
  // From inside the outer ids are those of the namespace around.
  const seen = own === namespace && own.parent !== null ? own.parent : own;
  return kind === "uid" ? idMapText(namespace.uids, seen.uids) : idMapText(namespace.gids, seen.gids);
}

/** Sets a map, once. Throws EPERM, EINVAL. */
export function writeIdMap(writer: Thread, namespace: UserNamespace, kind: IdMapKind, text: string): void {
  const { parent } = namespace;
  const c = writer.credentials;
  if (parent === null || (c.userNamespace !== namespace && c.userNamespace !== parent)) throw new Errno(EPERM);
  if ((kind === "uid" ? namespace.uids : namespace.gids) !== null) throw new Errno(EPERM);
  if (!capableIn(c, namespace, CAP_SYS_ADMIN)) throw new Errno(EPERM);
  const { map, outer } = parseIdMap(text, kind === "uid" ? parent.uids : parent.gids);
  if (outer.length === 0) throw new Errno(EINVAL);
  // One's own id is everybody's to map; for others one needs the right to take them on.
  const single = map.length === 1 && map[0].count === 1 && namespace.ownerUid === c.euid;
  const own = kind === "uid" ? map[0].lower === c.euid : map[0].lower === c.egid && !namespace.setgroups;
  const privileged = capableIn(c, parent, kind === "uid" ? CAP_SETUID : CAP_SETGID);
  if (!(single && own) && !privileged) throw new Errno(EPERM);
  if (kind === "uid") namespace.uids = map;
  else namespace.gids = map;
}

/** "deny" is for good, and only before there is a group map. */
export function writeSetgroups(writer: Thread, namespace: UserNamespace, text: string): void {
  const word = text.replace(/\s+$/, "");
  if (word !== "allow" && word !== "deny") throw new Errno(EINVAL);
  if (!capableIn(writer.credentials, namespace, CAP_SYS_ADMIN)) throw new Errno(EPERM);
  if (word === "allow") {
    if (!namespace.setgroups) throw new Errno(EPERM);
    return;
  }
  if (namespace.gids !== null) throw new Errno(EPERM);
  namespace.setgroups = false;
}
