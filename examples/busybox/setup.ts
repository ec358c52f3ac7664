/**
 * Makes rootfs.tar: Debian's static busybox, a link for each of its applets, and the files of files/.
 *
 * `npx node examples/busybox/setup.ts` fetches the package with apt-get (nothing is installed) and unpacks it with dpkg-deb.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const rootfs = join(here, "rootfs");
export const imagePath = join(here, "rootfs.tar");

function fetchPackage(folder: string): string {
  const download = () => execFileSync("apt-get", ["download", "busybox-static"], { cwd: folder, stdio: "pipe" });
  try {
    download();
  } catch {
    execFileSync("apt-get", ["update"], { stdio: "pipe" });
    download();
  }
  const deb = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (!deb) throw new Error("apt-get download left no package");
  return join(folder, deb);
}

/** Whether the image is there, and no file of ours has changed since. */
function isMade(): boolean {
  if (!existsSync(imagePath)) return false;
  const made = statSync(imagePath).mtimeMs;
  const files = join(here, "files");
  return readdirSync(files, { recursive: true, encoding: "utf8" }).every(
    (name) => statSync(join(files, name)).mtimeMs <= made,
  );
}

/** Makes the image unless it is there; returns its path. Throws with the failing command where Debian's tools are missing. */
export function setup(): string {
  if (isMade()) return imagePath;
  const work = mkdtempSync(join(tmpdir(), "busybox-"));
  try {
    const deb = fetchPackage(work);
    execFileSync("dpkg-deb", ["-x", deb, join(work, "package")], { stdio: "pipe" });
    rmSync(rootfs, { recursive: true, force: true });
    for (const folder of ["bin", "dev", "etc", "proc", "root", "tmp"])
      mkdirSync(join(rootfs, folder), { recursive: true });
    chmodSync(join(rootfs, "tmp"), 0o1777);
    const busybox = join(rootfs, "bin/busybox");
    const unpacked = ["bin/busybox", "usr/bin/busybox"].map((p) => join(work, "package", p)).find(existsSync);
    if (!unpacked) throw new Error("the package has no busybox");
    cpSync(unpacked, busybox);
    const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n").filter(Boolean);
    for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(rootfs, "bin", applet));
    cpSync(join(here, "files"), rootfs, { recursive: true });
    chmodSync(join(rootfs, "cgi/report"), 0o755);
    const options = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--format=ustar"];
    execFileSync("tar", [...options, "-C", rootfs, "-cf", imagePath, "."], { stdio: "pipe" });
    return imagePath;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.log(setup());
