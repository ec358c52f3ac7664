import { ENOENT } from "../../abi/errno.ts";
import { OpenDirectory } from "../directory-file.ts";
import type { DirectoryEmitter } from "../file.ts";
import type { Caller } from "../types.ts";
import type { Place, TmpDirectory } from "./directory.ts";
import { END_OFFSET, FIRST_OFFSET } from "./names.ts";

/** An open directory of a tmpfs: an offset is the place of a name, and stays it while others are made and removed. */
export class OpenTmpDirectory extends OpenDirectory {
  declare readonly inode: TmpDirectory;
  /** The name that did not fit any more. */
  #next: Place | null = null;

  override readDirectory(_caller: Caller, emit: DirectoryEmitter): number {
    const directory = this.inode;
    if (directory.removed) return -ENOENT;
    let emitted = 0;
    const put = (name: string, ino: number, next: number, mode: number): boolean => {
      if (!emit(name, ino, next, mode)) return false;
      this.offset = next;
      emitted++;
      return true;
    };
    let fits = this.offset >= 1 || put(".", directory.ino, 1, directory.mode);
    let place = fits && this.offset !== END_OFFSET ? this.#place() : null;
    if (fits && this.offset === 1)
      fits = put("..", this.parentIno(), place?.offset ?? END_OFFSET, directory.parent.mode);
    while (fits && place !== null) {
      const next = directory.placeAfter(place);
      fits = put(place.name, place.ino, next?.offset ?? END_OFFSET, place.mode);
      place = next;
    }
    this.#next = place;
    if (fits && this.offset === FIRST_OFFSET) this.offset = END_OFFSET;
    if (emitted > 0) this.accessed();
    return emitted;
  }

  #place(): Place | null {
    const next = this.#next;
    if (next?.own && next.own.index >= 0 && next.offset === this.offset) return next;
    return this.inode.placeAt(this.offset);
  }
}
