/**
 * A root directory of Debian's packages, in build/debian/root, for programs that run there natively and in Binlet.
 *
 * `node test/debian/root.ts` makes it: packages of this machine's release are fetched with apt-get (nothing is installed) and
 * unpacked with dpkg-deb. A second run fetches nothing.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What the sessions run; the packages that these depend on are found in apt's lists. */
const PACKAGES = [
  ..."bash dash coreutils sed grep mawk findutils diffutils gzip tar procps util-linux bsdutils libc-bin".split(" "),
  ..."make tcc libc6-dev perl-base python3-minimal libpython3-stdlib".split(" "),
  ..."redis-server nginx curl sqlite3 git rsync attr bzip2 xz-utils lsof psmisc".split(" "),
];
/** Dependencies that serve only maintainer scripts, development, or services, and second choices. */
const LEFT_OUT =
  /^(debconf|cdebconf|dpkg|base-files|gcc-.*-base|install-info|init-system-helpers|usr-is-merged|usrmerge|.*-common|media-types|mailcap|mime-support|rpcsvc-proto|libc-dev-bin|util-linux-extra|login.*|lib(crypt|nsl|tirpc)-dev|libdb5.*|libnsl2|libdebian-installer.*|libtextwrap.*|libnewt.*|libslang.*|libpam.*|libaudit.*|perl|perl-modules-.*|libperl5.*|libgdbm.*|lib.*-perl|libelogind0|gawk|original-awk|git-man|iproute2|lsb-base|sysvinit-utils|adduser|passwd)$/;
/** Documentation, translations, character sets, and programs of git that no session runs; a third of the bytes. */
const REMOVED = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/info",
  "usr/lib/x86_64-linux-gnu/gconv",
  ..."git-http-backend git-http-fetch git-http-push git-imap-send git-shell scalar"
    .split(" ")
    .map((name) => `usr/lib/git-core/${name}`),
  "usr/bin/git-shell",
  "usr/bin/scalar",
];

const CHECKOUT = join(import.meta.dirname, "../..");
const FOLDER = join(CHECKOUT, "build/debian");
export const ROOT = join(FOLDER, "root");
/** Holds this file, as it was when the root was made. */
const MARKER = join(FOLDER, "complete");
const SESSIONS = join(import.meta.dirname, "sessions");

const run = (command: string, args: string[], cwd?: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** PACKAGES and what they depend on, as apt resolves it for this release. */
function closure(): string[] {
  const kinds = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map((kind) => `--no-${kind}`);
  const lines = run("apt-cache", ["depends", "--recurse", ...kinds, ...PACKAGES]).split("\n");
  const names = lines.filter((line) => /^[a-z0-9]/.test(line)).map((line) => line.replace(/:.*/, ""));
  return [...new Set(names.filter((name) => !LEFT_OUT.test(name)))].sort();
}

function fetchPackages(folder: string): void {
  const download = () => run("apt-get", ["download", ...closure()], folder);
  try {
    download();
  } catch {
    run("apt-get", ["update"]);
    download();
  }
}

/** What maintainer scripts would have made. */
function configure(root: string): void {
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\ntty:x:5:\nstaff:x:50:\nnogroup:x:65534:\n");
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  for (const [link, target] of [
    ["bin/sh", "dash"],
    ["bin/awk", "mawk"],
    ["bin/cc", "tcc"],
    ["bin/perl", "perl5"],
  ]) {
    const path = join(root, link);
    if (!existsSync(path) && existsSync(join(dirname(path), target))) symlinkSync(target, path);
  }
  const library = readdirSync(join(root, "usr/lib")).find((name) => /^python3\.\d+$/.test(name));
  run("/usr/sbin/chroot", [root, "/usr/bin/python3", "-m", "compileall", "-q", `/usr/lib/${library}`]);
}

function make(): void {
  const work = mkdtempSync(join(tmpdir(), "debian-"));
  const root = `${ROOT}.${process.pid}`;
  try {
    fetchPackages(work);
    rmSync(root, { recursive: true, force: true });
    for (const folder of ["bin", "sbin", "lib", "lib64"]) {
      mkdirSync(join(root, "usr", folder), { recursive: true });
      symlinkSync(`usr/${folder}`, join(root, folder));
    }
    for (const folder of ["dev", "etc", "home", "proc", "root", "tmp"]) mkdirSync(join(root, folder));
    chmodSync(join(root, "tmp"), 0o1777);
    for (const deb of readdirSync(work).filter((name) => name.endsWith(".deb"))) {
      // dpkg-deb -x would put directories in place of the symbolic links.
      const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
      run("sh", ["-c", unpack, "sh", join(work, deb), root]);
    }
    for (const folder of REMOVED) rmSync(join(root, folder), { recursive: true, force: true });
    configure(root);
    rmSync(ROOT, { recursive: true, force: true });
    renameSync(root, ROOT);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  }
}

/** Makes the root directory unless it is there, with the sessions of today in /sessions; returns its path. */
export function setup(): string {
  const self = readFileSync(import.meta.filename, "utf8");
  if (!existsSync(MARKER) || readFileSync(MARKER, "utf8") !== self) {
    mkdirSync(FOLDER, { recursive: true });
    rmSync(MARKER, { force: true });
    make();
    writeFileSync(MARKER, self);
  }
  rmSync(join(ROOT, "sessions"), { recursive: true, force: true });
  cpSync(SESSIONS, join(ROOT, "sessions"), { recursive: true });
  const player = join(ROOT, "sessions/play");
  run("gcc", ["-static", "-O2", "-Wall", "-Werror", "-o", player, join(import.meta.dirname, "terminal.c")]);
  return ROOT;
}

if (process.argv[1] === import.meta.filename) console.log(setup());
