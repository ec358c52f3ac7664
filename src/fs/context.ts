import type { Location } from "./mount.ts";

/** What processes know of the file system: root, working directory and umask. CLONE_FS shares one, fork copies it. */
export class FsContext {
  root: Location;
  cwd: Location;
  umask: number;

  constructor(root: Location, cwd: Location = root, umask = 0o022) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  copy(): FsContext {
    return new FsContext(this.root, this.cwd, this.umask);
  }
}
