/** Who may do what with a System V object (ipc/util.c). */
import { S_IRWXUGO } from "../abi/ipc.ts";
import { CAN_ACCESS, CAN_ADMINISTER, type IpcCaller, type IpcPermissions, type NewPermissions } from "./protocol.ts";

const inGroup = (caller: IpcCaller, gid: number): boolean => caller.fsgid === gid || caller.groups.includes(gid);

/** Whether the caller has the rights `wanted`: a mode whose three digits are or-ed, as S_IRUGO (ipcperms). */
export function permits(object: IpcPermissions, caller: IpcCaller, wanted: number): boolean {
  if ((caller.capabilities & CAN_ACCESS) !== 0) return true;
  let granted = object.mode;
  if (caller.uid === object.cuid || caller.uid === object.uid) granted >>= 6;
  else if (inGroup(caller, object.cgid) || inGroup(caller, object.gid)) granted >>= 3;
  return (((wanted >> 6) | (wanted >> 3) | wanted) & ~granted & 7) === 0;
}

/** Whether the caller may change or remove it (ipcctl_obtain_check). */
export const owns = (object: IpcPermissions, caller: IpcCaller): boolean =>
  caller.uid === object.cuid || caller.uid === object.uid || (caller.capabilities & CAN_ADMINISTER) !== 0;

/** Those of a new object (ipc_addid). */
export const createdBy = (caller: IpcCaller, key: number, id: number, flags: number): IpcPermissions => ({
  key,
  id,
  uid: caller.uid,
  gid: caller.gid,
  cuid: caller.uid,
  cgid: caller.gid,
  mode: flags & S_IRWXUGO,
});

/** After IPC_SET; null for ids that no user or group has (ipc_update_perm). */
export function changed(before: IpcPermissions, { uid, gid, mode }: NewPermissions): IpcPermissions | null {
  if (uid === 0xffff_ffff || gid === 0xffff_ffff) return null;
  return { ...before, uid, gid, mode: (before.mode & ~S_IRWXUGO) | (mode & S_IRWXUGO) };
}
