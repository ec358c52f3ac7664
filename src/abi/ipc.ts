/** System V objects of x86-64 Linux: commands, flags and struct layouts (sysvipc(7), include/uapi/linux/{ipc,sem,msg,shm}.h). */

export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;

export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;

/** Permission bits: read or write by owner, group and others. */
export const S_IRUGO = 0o444;
export const S_IWUGO = 0o222;
export const S_IXUGO = 0o111;
export const S_IRWXUGO = 0o777;

/** Most objects of a kind, and so the step between the ids that share an index (IPCMNI). */
export const IPCMNI = 32768;

// semaphores

export const GETPID = 11;
export const GETVAL = 12;
export const GETALL = 13;
export const GETNCNT = 14;
export const GETZCNT = 15;
export const SETVAL = 16;
export const SETALL = 17;
export const SEM_STAT = 18;
export const SEM_INFO = 19;
export const SEM_STAT_ANY = 20;
export const SEM_UNDO = 0x1000;
/** Largest value of a semaphore, and largest that SEM_UNDO gives back. */
export const SEMVMX = 32767;
export const SEMAEM = SEMVMX;
/** struct sembuf: sem_num (u16), sem_op (s16), sem_flg (s16). */
export const SEMBUF_SIZE = 6;
/** Of struct seminfo: bytes that an undo structure takes up. */
export const SEMUSZ = 20;

// messages

export const MSG_STAT = 11;
export const MSG_INFO = 12;
export const MSG_STAT_ANY = 13;
export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;
export const MSG_COPY = 0o40000;
/** Of struct msginfo, which nothing but MSG_INFO and IPC_INFO show. */
export const MSGPOOL = 512000;
export const MSGMAP = 16384;
export const MSGTQL = 16384;
export const MSGSSZ = 16;
export const MSGSEG = 0xffff;

// shared memory

export const SHM_LOCK = 11;
export const SHM_UNLOCK = 12;
export const SHM_STAT = 13;
export const SHM_INFO = 14;
export const SHM_STAT_ANY = 15;
export const SHM_RDONLY = 0o10000;
export const SHM_RND = 0o20000;
export const SHM_REMAP = 0o40000;
export const SHM_EXEC = 0o100000;
export const SHM_HUGETLB = 0o4000;
export const SHM_NORESERVE = 0o10000;
/** In the mode: it goes with its last attachment; its pages are locked. */
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;

/** struct ipc64_perm, which every one of the structures below begins with: what of it is in use. */
export interface IpcPermFields {
  readonly key: number;
  readonly id: number;
  readonly uid: number;
  readonly gid: number;
  readonly cuid: number;
  readonly cgid: number;
  readonly mode: number;
}

export const SEMID_DS_SIZE = 104;
export const MSQID_DS_SIZE = 120;
export const SHMID_DS_SIZE = 112;

/** A structure of `size` bytes that begins with an ipc64_perm, and a view of it for the rest. */
export function ipcStructure(size: number, perm: IpcPermFields): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(size));
  view.setInt32(0, perm.key, true);
  view.setUint32(4, perm.uid, true);
  view.setUint32(8, perm.gid, true);
  view.setUint32(12, perm.cuid, true);
  view.setUint32(16, perm.cgid, true);
  view.setUint32(20, perm.mode, true);
  view.setUint16(24, Math.floor(perm.id / IPCMNI), true);
  return view;
}

/** Writes an unsigned or time value of 64 bits. */
export function setLong(view: DataView, offset: number, value: number): void {
  view.setBigInt64(offset, BigInt(value), true);
}
