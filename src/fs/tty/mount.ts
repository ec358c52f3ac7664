/** The devices behind which terminals are: /dev/ptmx, /dev/tty, /dev/console, and the devpts at /dev/pts. */
import { ENODEV, ENOENT, ENXIO, Errno } from "../../abi/errno.ts";
import { MS_NOEXEC, MS_NOSUID } from "../../abi/statfs.ts";
import type { Location, Mount } from "../mount.ts";
import { directoryAt, KERNEL_CALLER } from "../root.ts";
import type { Vfs } from "../vfs.ts";
import { CONSOLE_DEVICE, PTMX_DEVICE, TTY_DEVICE } from "./device-numbers.ts";
import { DevPts } from "./devpts.ts";
import type { JobControl } from "./job-control.ts";
import { SlaveFile } from "./slave.ts";
import type { Terminal } from "./terminal.ts";

/** The group of terminals: "tty" of Debian and others. */
const TTY_GROUP = 5;

/** Gives a machine its terminals; returns the mount of its devpts. */
export function mountTerminals(vfs: Vfs, jobs: JobControl): Mount {
  const { environment } = vfs;
  const { characterDevices: drivers } = environment;
  const devpts = new DevPts(environment, jobs, { mode: 0o620, gid: TTY_GROUP, ptmxMode: 0o666 });
  const mount = vfs.mount(devpts, directoryAt(vfs, "/dev/pts", 0o755), "devpts", MS_NOSUID | MS_NOEXEC);
  drivers.set(PTMX_DEVICE, (caller, inode, flags, location) => {
    const beside = devptsBeside(location);
    return (beside.fileSystem as DevPts).openMaster(caller, inode, flags, location, beside);
  });
  drivers.set(TTY_DEVICE, (caller, inode, flags, location) => {
    const terminal = jobs.controlling(caller);
    if (terminal === null) throw new Errno(ENXIO);
    return new SlaveFile(terminal, inode, flags, location);
  });
  return mount;
}

/** The devpts that is mounted at "pts" in the directory of a ptmx device. Throws ENOENT, ENODEV (devpts_mntget). */
function devptsBeside(location: Location | null): Mount {
  const pts = location?.parent?.lookup("pts", KERNEL_CALLER);
  if (!pts) throw new Errno(ENOENT);
  const mount = location?.mount.children.get(pts.key);
  if (mount?.fileSystem instanceof DevPts) return mount;
  throw new Errno(ENODEV);
}

/** /dev/console leads to `terminal` from now on. It never becomes a controlling terminal by being opened. */
export function setConsole({ environment }: Vfs, terminal: Terminal): void {
  environment.characterDevices.set(
    CONSOLE_DEVICE,
    (_caller, inode, flags, location) => new SlaveFile(terminal, inode, flags, location),
  );
}
