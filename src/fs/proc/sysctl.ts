/** /proc/sys (proc_sys(5)): what Linux lets root change is changed here if the machine has it, and refused otherwise. */
import { EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import { inotifyLimits } from "../inotify.ts";
import { PIPE_MAX_SIZE } from "../pipe.ts";
import { protectionOf } from "../protection.ts";
import type { Caller } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { ipcTunables, limit, queueTunables } from "./ipc.ts";
import { networkSettings } from "./net.ts";
import { constant, type DirectoryNode, directory, file, fixed, type ProcNode } from "./node.ts";
import { parseNumber } from "./settings.ts";
import type { SystemView } from "./view.ts";

export const sysNode = (vfs: Vfs, system: SystemView): DirectoryNode =>
  directory({
    fs: fsNodes(vfs, system),
    kernel: kernelNodes(vfs, system),
    net: networkSettings(system.networkSettings),
    user: userNodes(vfs, system),
    vm: memoryNodes(),
  });

const constants = (values: Record<string, string | number>): Record<string, ProcNode> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, constant(() => value)]));

/** Longest host or domain name. */
const UTS_NAME = 64;

/** A name of uname(2): a write replaces it up to a newline, one at an offset goes on from there (proc_dostring). */
const utsName = (get: () => string, set: (caller: Caller, name: string) => void): ProcNode =>
  file(
    () => `${get()}\n`,
    0o644,
    undefined,
    (caller, text, offset) => {
      const old = get();
      if (offset > old.length) throw new Errno(EINVAL);
      set(caller, (old.slice(0, offset) + text.replace(/[\n\0].*$/s, "")).slice(0, UTS_NAME));
    },
  );

function kernelNodes(vfs: Vfs, system: SystemView): DirectoryNode {
  const { uts } = system;
  return directory({
    ...ipcTunables(system.ipc),
    ...constants({
      core_pattern: "core",
      core_pipe_limit: 0,
      core_uses_pid: 0,
      "ctrl-alt-del": 0,
      dmesg_restrict: 1,
      hung_task_timeout_secs: 0,
      io_uring_disabled: 2,
      kptr_restrict: 2,
      modules_disabled: 1,
      nmi_watchdog: 0,
      numa_balancing: 0,
      overflowgid: 65534,
      overflowuid: 65534,
      panic: 0,
      panic_on_oops: 0,
      perf_event_paranoid: 3,
      pid_max: system.pidMax,
      "print-fatal-signals": 0,
      printk: "4\t4\t1\t7",
      randomize_va_space: 0,
      sched_autogroup_enabled: 0,
      sched_child_runs_first: 0,
      sched_rr_timeslice_ms: 100,
      tainted: 0,
      "threads-max": system.threadLimit,
      unprivileged_bpf_disabled: 2,
      watchdog: 0,
    }),
    arch: fixed(() => uts.machine),
    cap_last_cap: fixed(() => 40),
    domainname: utsName(
      () => system.uts.domainname,
      (caller, name) => system.setDomainname(caller, name),
    ),
    hostname: utsName(
      () => system.uts.nodename,
      (caller, name) => system.setHostname(caller, name),
    ),
    ns_last_pid: file(
      () => `${system.lastPid}\n`,
      0o666,
      undefined,
      (caller, text) => {
        const pid = parseNumber(text);
        if (pid < 0n || pid > system.pidMax) throw new Errno(EINVAL);
        system.setLastPid(caller, Number(pid));
      },
    ),
    ngroups_max: fixed(() => 65536),
    osrelease: fixed(() => uts.release),
    ostype: fixed(() => uts.sysname),
    pty: directory({ max: constant(() => 256) }),
    random: directory({
      boot_id: fixed(() => system.bootId),
      entropy_avail: fixed(() => 256),
      poolsize: fixed(() => 256),
      uuid: fixed(() => randomUuid((into) => vfs.environment.random(into))),
    }),
    seccomp: directory({
      actions_avail: fixed(() => SECCOMP_ACTIONS.join(" ")),
      actions_logged: constant(() => SECCOMP_ACTIONS.filter((action) => action !== "allow").join(" ")),
    }),
    version: fixed(() => uts.version),
  });
}

const SECCOMP_ACTIONS = ["kill_process", "kill_thread", "trap", "errno", "user_notif", "trace", "log", "allow"];

/** A UUID of version 4 (RFC 9562). */
export function randomUuid(random: (into: Uint8Array) => void): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const INT_MAX = 2 ** 31 - 1;

const fsNodes = (vfs: Vfs, system: SystemView): DirectoryNode =>
  directory({
    ...constants({
      "aio-max-nr": 65536,
      "dir-notify-enable": 1,
      "file-max": "9223372036854775807",
      "lease-break-time": 45,
      "leases-enable": 1,
      "mount-max": 1000,
      overflowgid: 65534,
      overflowuid: 65534,
      "pipe-max-size": PIPE_MAX_SIZE,
      "pipe-user-pages-hard": 0,
      "pipe-user-pages-soft": 16384,
      suid_dumpable: 0,
    }),
    "aio-nr": fixed(() => 0),
    "file-nr": fixed(() => `${system.openFiles}\t0\t9223372036854775807`),
    inotify: directory({
      max_queued_events: limit(() => inotifyLimits(vfs.environment), "queuedEvents", 0, INT_MAX),
      max_user_instances: limit(() => inotifyLimits(vfs.environment), "instances", 0, INT_MAX),
      max_user_watches: limit(() => inotifyLimits(vfs.environment), "watches", 0, INT_MAX),
    }),
    mqueue: queueTunables(system.ipc),
    protected_fifos: limit(() => protectionOf(vfs.environment), "fifos", 0, 2),
    protected_hardlinks: limit(() => protectionOf(vfs.environment), "hardlinks", 0, 1),
    protected_regular: limit(() => protectionOf(vfs.environment), "regular", 0, 2),
    protected_symlinks: limit(() => protectionOf(vfs.environment), "symlinks", 0, 1),
    nr_open: constant(() => system.fileLimit),
  });

/** Objects of one user (proc_sys_user(5)). */
function userNodes(vfs: Vfs, system: SystemView): DirectoryNode {
  const kinds = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];
  return directory({
    ...Object.fromEntries(
      kinds.map((kind) => [`max_${kind}_namespaces`, limit(() => system.namespaceMaxima, kind, 0, INT_MAX)]),
    ),
    max_inotify_instances: limit(() => inotifyLimits(vfs.environment), "instances", 0, INT_MAX),
    max_inotify_watches: limit(() => inotifyLimits(vfs.environment), "watches", 0, INT_MAX),
  });
}

/** Nothing is swapped, written back, compacted or backed by huge pages; there is no heuristic that refuses mappings. */
const memoryNodes = (): DirectoryNode =>
  directory({
    ...constants({
      admin_reserve_kbytes: 0,
      dirty_background_bytes: 0,
      dirty_background_ratio: 10,
      dirty_bytes: 0,
      dirty_expire_centisecs: 3000,
      dirty_ratio: 20,
      dirty_writeback_centisecs: 500,
      hugetlb_shm_group: 0,
      laptop_mode: 0,
      legacy_va_layout: 0,
      max_map_count: 65530,
      memfd_noexec: 0,
      min_free_kbytes: 0,
      mmap_min_addr: 65536,
      nr_hugepages: 0,
      nr_overcommit_hugepages: 0,
      oom_dump_tasks: 0,
      oom_kill_allocating_task: 0,
      overcommit_kbytes: 0,
      overcommit_memory: 1,
      overcommit_ratio: 50,
      "page-cluster": 3,
      panic_on_oom: 0,
      swappiness: 0,
      unprivileged_userfaultfd: 0,
      user_reserve_kbytes: 0,
      vfs_cache_pressure: 100,
      zone_reclaim_mode: 0,
    }),
    drop_caches: file(
      () => "",
      0o200,
      undefined,
      () => {
        throw new Errno(EPERM);
      },
      { strict: true },
    ),
  });
