import { ENXIO, Errno } from "../../abi/errno.ts";
import { S_IFCHR } from "../../abi/stat.ts";
import { MS_NOEXEC, MS_NOSUID } from "../../abi/statfs.ts";
import { FsContext } from "../context.ts";
import { directoryAt, KERNEL_CALLER } from "../root.ts";
import type { Vfs } from "../vfs.ts";
import { PTMX_DEVICE, TTY_DEVICE } from "./device-numbers.ts";
import { DevPts } from "./devpts.ts";
import type { JobControl } from "./job-control.ts";
import { SlaveFile } from "./slave.ts";

/** Gives a machine its terminals: /dev/pts, /dev/ptmx, and a /dev/tty that leads to the caller's own. */
export function mountTerminals(vfs: Vfs, jobs: JobControl): DevPts {
  const { environment } = vfs;
  const devpts = new DevPts(environment, jobs);
  devpts.mount = vfs.mount(devpts, directoryAt(vfs, "/dev/pts", 0o755), "devpts", MS_NOSUID | MS_NOEXEC);
  const context = new FsContext(vfs.rootLocation, vfs.rootLocation, 0);
  const dev = directoryAt(vfs, "/dev", 0o755);
  vfs.create(KERNEL_CALLER, context, dev, "ptmx", S_IFCHR | 0o666, PTMX_DEVICE);
  environment.characterDevices.set(PTMX_DEVICE, (caller, inode, flags, location) =>
    devpts.openMaster(caller, inode, flags, location),
  );
  environment.characterDevices.set(TTY_DEVICE, (caller, inode, flags, location) => {
    const terminal = jobs.controlling(caller);
    if (terminal === null) throw new Errno(ENXIO);
    return new SlaveFile(terminal, inode, flags, location);
  });
  return devpts;
}
