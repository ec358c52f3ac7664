"""pathlib, shutil, tarfile, tempfile, os.scandir and os.walk, fcntl, mmap, zipfile: what programs do with files and folders."""
import contextlib, errno, fcntl, filecmp, fileinput, glob, io, mmap, os, pathlib, select, shutil, stat, struct, tarfile, tempfile, time, zipfile

home = pathlib.Path("/tmp/folders")
home.mkdir()
os.chdir(home)


def attempt(function, *args, **options):
    try:
        return function(*args, **options)
    except (OSError, shutil.Error, tarfile.TarError) as error:
        text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"{type(error).__name__}: {text}"


def tree(path):
    def one(entry):
        status = entry.lstat()
        return f"{entry.relative_to(path)}:{stat.filemode(status.st_mode)}:{status.st_nlink if not stat.S_ISDIR(status.st_mode) else '-'}:{os.readlink(entry) if entry.is_symlink() else status.st_size if entry.is_file() else ''}"

    return sorted(map(one, path.rglob("*")))


top = home / "top"
(top / "a/b/c").mkdir(parents=True)
(top / "a/one.txt").write_text("one\n" * 10)
(top / "a/b/two.bin").write_bytes(bytes(range(256)) * 40)
(top / "a/b/ünï").touch(mode=0o600)
(top / "link").symlink_to("a/one.txt")
(top / "loop").symlink_to("loop")
(top / "hard").hardlink_to(top / "a/one.txt")
os.mkfifo(top / "fifo", 0o620)
os.utime(top / "a/one.txt", ns=(10**18 + 1, 10**18 + 123456789))
print(*tree(top), sep="\n")
print((top / "link").resolve() == (top / "a/one.txt").resolve(), (top / "link").is_symlink(), (top / "loop").exists(), attempt(os.path.realpath, top / "loop", strict=True), (top / "hard").samefile(top / "link"), (top / "fifo").is_fifo(), (top / "a").is_mount(), (top / "a/one.txt").stat().st_mtime_ns, (top / "a/one.txt").owner())
print(attempt((top / "a").rmdir), attempt((top / "none").unlink), attempt((top / "a").mkdir), attempt((top / "a/one.txt").rename, top / "a/b/c"), attempt(lambda: (top / "a/one.txt/x").stat()), attempt((top / ("n" * 300)).touch), attempt(os.rename, top / "a", top / "a/b/inside"), attempt(os.link, top / "a", top / "x"), attempt(os.open, top / "link", os.O_RDONLY | os.O_NOFOLLOW), attempt(os.open, top / "a", os.O_WRONLY))
print(sorted((entry.name, entry.is_dir(follow_symlinks=False), entry.is_symlink(), entry.inode() == os.lstat(entry).st_ino) for entry in os.scandir(top)))
print([(os.path.relpath(folder, top), sorted(folders), sorted(files)) for folder, folders, files in sorted(os.walk(top))], sorted(glob.glob("**/*.txt", recursive=True)), sorted(path.name for path in top.glob("*/[ab]*")))
with contextlib.nullcontext(os.open(top, os.O_DIRECTORY)) as fd:
    print(sorted(os.listdir(fd)), os.stat("a/b/two.bin", dir_fd=fd).st_size, os.access("hard", os.W_OK, dir_fd=fd), sorted(name for _, _, names, _ in os.fwalk(dir_fd=fd) for name in names))
    os.rename("hard", "harder", src_dir_fd=fd, dst_dir_fd=fd)
    os.close(fd)

shutil.copytree(top / "a", "copied", ignore=shutil.ignore_patterns("*.bin"))
print(tree(home / "copied"), os.stat("copied/one.txt").st_mtime_ns == os.stat(top / "a/one.txt").st_mtime_ns, attempt(shutil.copy, top / "a/one.txt", top / "link"), attempt(shutil.copyfile, top / "a", "x"), shutil.copy2(top / "a/b/two.bin", "two"), shutil.move("copied", top / "moved"), filecmp.cmp("two", top / "a/b/two.bin", shallow=False), sorted(filecmp.dircmp(top / "a", top / "moved").left_only))
os.chmod(top / "moved/one.txt", 0o640), os.chown(top / "moved/one.txt", 65534, 50), os.setxattr("two", "user.tag", b"value"), shutil.copystat("two", "two")
print(shutil.copy2("two", "tagged"), os.listxattr("tagged"), os.getxattr("tagged", "user.tag"), attempt(os.getxattr, "tagged", "user.none"), shutil.disk_usage(".").used >= 0, os.statvfs(".").f_namemax, os.stat(top / "moved/one.txt").st_uid)

os.remove(top / "loop")
for kind in ("w", "w:gz", "w:bz2", "w:xz"):
    name = f"archive.{kind[2:] or 'tar'}"
    with tarfile.open(name, kind, format=tarfile.PAX_FORMAT) as archive:
        archive.add("top", filter=lambda info: None if info.name.endswith("c") else info)
        archive.addfile(tarfile.TarInfo("top/memory"), io.BytesIO())
    with tarfile.open(name) as archive:
        print(kind, sorted((member.name, member.type, oct(member.mode), member.size, member.linkname) for member in archive) if kind == "w" else len(archive.getmembers()))
        archive.extractall(f"out-{kind[2:]}")
print(*tree(home / "out-"), sep="\n")
with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    [archive.write(path) for path in sorted(pathlib.Path("top/a").rglob("*")) if path.is_file()]
print(zipfile.ZipFile("all.zip").testzip(), [(info.filename, info.file_size) for info in zipfile.ZipFile("all.zip").infolist()])

with tempfile.NamedTemporaryFile(dir=".", suffix=".x") as file, tempfile.TemporaryFile() as hidden, tempfile.SpooledTemporaryFile(max_size=10) as spooled, tempfile.TemporaryDirectory(dir=".") as folder:
    print(oct(os.fstat(file.fileno()).st_mode), os.path.exists(file.name), os.fstat(hidden.fileno()).st_nlink, os.readlink(f"/proc/self/fd/{hidden.fileno()}").endswith("(deleted)"), oct(os.stat(folder).st_mode), spooled.write(b"more than ten bytes"), spooled._rolled)
print(os.path.exists(file.name), os.path.exists(folder))

fd = os.open("locked", os.O_RDWR | os.O_CREAT)
os.write(fd, b"0123456789" * 1000)
other = os.open("locked", os.O_RDWR)
fcntl.flock(fd, fcntl.LOCK_EX)
print(attempt(fcntl.flock, other, fcntl.LOCK_SH | fcntl.LOCK_NB), fcntl.flock(fd, fcntl.LOCK_UN), fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB))
lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 10, 20, 0)
fcntl.fcntl(fd, 37, lock)  # F_OFD_SETLK
print(attempt(fcntl.fcntl, other, 37, lock), struct.unpack("hhqqi4x", fcntl.fcntl(other, 36, lock)))
print(oct(fcntl.fcntl(fd, fcntl.F_GETFL)), fcntl.fcntl(fd, fcntl.F_GETFD), os.get_inheritable(fcntl.fcntl(fd, fcntl.F_DUPFD, 50)), fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND), os.write(fd, b"end"), os.lseek(fd, 0, os.SEEK_CUR), struct.unpack("i", fcntl.ioctl(fd, 0x541B, b"    ")))
r, w = os.pipe()
print(fcntl.fcntl(w, fcntl.F_GETPIPE_SZ), fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 5000), os.set_blocking(w, False), attempt(lambda: [os.write(w, b"x" * 3000) for _ in range(9)]), select.select([r], [w], [], 0)[1])
with mmap.mmap(fd, 0) as shared, mmap.mmap(fd, 8192, flags=mmap.MAP_PRIVATE) as private:
    shared[0:4], private[4:8] = b"MMAP", b"priv"
    shared.flush()
    print(len(shared), os.pread(fd, 12, 0), private[:12], shared.find(b"end"), shared.resize(16384), os.fstat(fd).st_size, attempt(shared.resize, 0))
os.truncate(fd, 5), os.posix_fallocate(fd, 0, 100), os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
print(os.fstat(fd).st_size, os.copy_file_range(fd, os.open("range", os.O_RDWR | os.O_CREAT), 4, 2, 1), os.stat("range").st_size, os.preadv(fd, [bytearray(2), bytearray(3)], 0), os.pwritev(fd, [b"ab", b"cd"], 98), os.stat(fd).st_size)
sparse = os.open("sparse", os.O_RDWR | os.O_CREAT)
os.pwrite(sparse, b"x", 1 << 20)
print(os.lseek(sparse, 0, os.SEEK_DATA) >= 0, os.lseek(sparse, 1 << 20, os.SEEK_HOLE), attempt(os.lseek, sparse, 2 << 20, os.SEEK_DATA), os.stat("sparse").st_blocks < 64)
memory = os.memfd_create("name", os.MFD_ALLOW_SEALING)
os.write(memory, b"sealed")
print(fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK), fcntl.fcntl(memory, fcntl.F_GET_SEALS), attempt(os.write, memory, b"x"), attempt(os.ftruncate, memory, 1), os.ftruncate(memory, 10))
with fileinput.input(top / "a/one.txt", inplace=True, backup=".bak") as lines:
    for line in lines:
        print(line.replace("one", "ONE"), end="")
print((top / "a/one.txt").read_text()[:8], (top / "a/one.txt.bak").exists(), os.umask(0o077), os.umask(0o022))
shutil.rmtree(top)
print(sorted(os.listdir()), attempt(shutil.rmtree, "nowhere"))
