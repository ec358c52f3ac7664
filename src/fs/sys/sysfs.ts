import { EPERM } from "../../abi/errno.ts";
import type { StatFsFields } from "../../abi/statfs.ts";
import { NodeFileSystem, ProcDirectory } from "../proc/node.ts";
import type { SystemView } from "../proc/view.ts";
import type { FsEnvironment } from "../types.ts";
import { rootNode } from "./tree.ts";

/** sysfs(5): devices as the kernel has them, one attribute a file. */
const SYSFS_MAGIC = 0x62656572;

export class SysFileSystem extends NodeFileSystem {
  readonly root: ProcDirectory;
  readonly createError = EPERM;

  constructor(environment: FsEnvironment, system: SystemView) {
    super(environment, "sysfs");
    this.root = new ProcDirectory(this, rootNode(system), null, "", "");
  }

  override statfs(): StatFsFields {
    return { type: SYSFS_MAGIC, blockSize: 4096, blocks: 0, free: 0, files: 0, filesFree: 0, nameLength: 255 };
  }
}
