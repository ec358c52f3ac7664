/** struct ucred as a thread sees another's: ids by its own pid and user namespace (cred_to_ucred). */
import { gidShown, uidShown } from "./credentials.ts";
import { localPid } from "./lookup.ts";
import type { Thread } from "./task.ts";

/** Bytes of struct ucred; those of nobody when there is no peer. */
export function ucredBytes(t: Thread, peer: { pid: number; uid: number; gid: number } | null): Uint8Array {
  if (peer === null) return new Uint8Array(Int32Array.of(0, -1, -1).buffer);
  const { credentials: c } = t;
  return new Uint8Array(
    Int32Array.of(localPid(t.process, peer.pid), uidShown(c, peer.uid), gidShown(c, peer.gid)).buffer,
  );
}
