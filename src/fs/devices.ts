/** The memory devices of mem(4), null(4), random(4). */
import { EINVAL, ENOSPC, ENXIO, Errno } from "../abi/errno.ts";
import { makeDevice } from "../abi/stat.ts";
import type { Transfer } from "../memory/types.ts";
import type { DeviceDriver } from "./device.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import type { Caller, Result } from "./types.ts";

/** Bytes drawn from the host's randomness at a time. */
const RANDOM_PART = 16384;

/** Reads end at once, writes go nowhere. */
class NullFile extends File {
  override get seekable(): boolean {
    return true;
  }
  override read(_caller: Caller, _into: Transfer): Result {
    return 0;
  }
  override write(_caller: Caller, from: Transfer): Result {
    return from.remaining;
  }
  /** Accepted without effect (null_lseek). */
  override seek(): number {
    return 0;
  }
}

/** Zeroes without end. */
class ZeroFile extends NullFile {
  override get mapsZeroes(): boolean {
    return true;
  }
  override read(_caller: Caller, into: Transfer): Result {
    return into.putZeroes(into.remaining);
  }
}

/** Zeroes to read, no room to write. */
class FullFile extends ZeroFile {
  override get mapsZeroes(): boolean {
    return false;
  }
  override write(): Result {
    return -ENOSPC;
  }
}

class RandomFile extends NullFile {
  /** What the driver does not know is EINVAL, not ENOTTY (random_ioctl). */
  override ioctl(): Result {
    return -EINVAL;
  }
  override read(_caller: Caller, into: Transfer): Result {
    const wanted = into.prepare(into.remaining);
    const { environment } = this.inode.fileSystem;
    const part = new Uint8Array(Math.min(wanted, RANDOM_PART));
    let done = 0;
    while (done < wanted) {
      const bytes = part.subarray(0, Math.min(part.length, wanted - done));
      environment.random(bytes);
      done += into.put(bytes);
    }
    return done;
  }
}

type Opens = new (inode: Inode, flags: number, location: Location | null) => File;

const opens =
  (kind: Opens): DeviceDriver =>
  (_caller, inode, flags, location) =>
    new kind(inode, flags, location);

/** There is no controlling terminal unless somebody puts another driver here. */
const noTerminal: DeviceDriver = () => {
  throw new Errno(ENXIO);
};

const TTY = makeDevice(5, 0);

/** Devices with drivers of every machine. */
export const DEVICES: readonly [name: string, device: number, driver: DeviceDriver][] = [
  ["null", makeDevice(1, 3), opens(NullFile)],
  ["zero", makeDevice(1, 5), opens(ZeroFile)],
  ["full", makeDevice(1, 7), opens(FullFile)],
  ["random", makeDevice(1, 8), opens(RandomFile)],
  ["urandom", makeDevice(1, 9), opens(RandomFile)],
  ["tty", TTY, noTerminal],
];

/** The drivers that every machine has, by device number. */
export const standardDevices = (): Map<number, DeviceDriver> =>
  new Map(DEVICES.map(([, device, driver]) => [device, driver]));
