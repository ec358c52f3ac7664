import { ENXIO, Errno } from "../abi/errno.ts";
import { isCharacterDevice } from "../abi/stat.ts";
import type { Block } from "../wait/queue.ts";
import type { File } from "./file.ts";
import { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import type { Caller } from "./types.ts";

/** Opens a device: what the driver of a device number does. Throws Errno (ENXIO when there is nothing behind it). */
export type DeviceDriver = (caller: Caller, inode: Inode, flags: number, location: Location | null) => File | Block;

/** A character or block device's name; the driver is found by `rdev` when it is opened. There are no block drivers. */
export class DeviceInode extends Inode {
  override open(caller: Caller, flags: number, location: Location | null): File | Block {
    const driver = isCharacterDevice(this.mode) && this.fileSystem.environment.characterDevices.get(this.rdev);
    if (!driver) throw new Errno(ENXIO);
    return driver(caller, this, flags, location);
  }
}
