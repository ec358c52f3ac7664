/* Paths of what is not where it was: directories moved out of a bind mount, files mounted over each other, files without a name. */
#include "guest.h"

#include <sched.h>
#include <sys/mount.h>

int main(void) {
    MUST(administrator());
    char root[] = "/tmp/escapeXXXXXX", path[4096];
    if (mkdtemp(root) == NULL || chdir(root) != 0) return 1;
    mkdir("shown", 0700), mkdir("shown/in", 0700), mkdir("out", 0700), mkdir("mount", 0700);
    if (unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0) {
        SHOW(mount("shown", "mount", 0, MS_BIND, 0));
        SHOW(chdir("mount/in"));
        SHOW(rename("../../shown/in", "../../out/in"));
        snprintf(path, sizeof(path), "%s/shown/in", root);
        char to[4096];
        snprintf(to, sizeof(to), "%s/out/in", root);
        SHOW(rename(path, to));
        memset(path, 0, sizeof(path));
        printf("getcwd %d\n", syscall(SYS_getcwd, path, sizeof(path)) > 0);
        printf("cwd: %s\n", path);
        memset(path, 0, sizeof(path));
        printf("readlink %d\n", readlink("/proc/self/cwd", path, sizeof(path) - 1) > 0);
        printf("link: %s\n", path);
        chdir(root);
        SHOW(umount2("mount", MNT_DETACH));

        static const char *const files[] = {"a", "b", "c"};
        for (int i = 0; i < 3; i++) close(open(files[i], O_CREAT | O_WRONLY, 0600));
        for (int i = 0; i < 3; i++) SHOW(mount(files[i], "a", 0, MS_BIND, 0));
        int top = open("a", O_RDONLY);
        snprintf(to, sizeof(to), "/proc/self/fd/%d", top);
        memset(path, 0, sizeof(path));
        readlink(to, path, sizeof(path) - 1);
        printf("top: %s\n", path + strlen(root));
        close(top);
        FILE *mounts = fopen("/proc/self/mounts", "r");
        int count = 0;
        while (fgets(to, sizeof(to), mounts)) count += strstr(to, root) != NULL;
        printf("mounts: %d\n", count);
        fclose(mounts);
        for (int i = 0; i < 3; i++) SHOW(umount2("a", 0));
        for (int i = 0; i < 3; i++) unlink(files[i]);
    }
    int fd = open("out", O_TMPFILE | O_RDWR, 0600);
    struct stat status;
    SHOW(fstat(fd, &status));
    SHOW(ftruncate(fd, 4096));
    void *memory = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    char name[100], line[4096], link[64];
    snprintf(name, sizeof(name), "/out/#%lu", (unsigned long)status.st_ino);
    FILE *maps = fopen("/proc/self/maps", "r");
    int found = 0;
    while (fgets(line, sizeof(line), maps)) found += strstr(line, name) != NULL;
    printf("in maps: %d, mapped %d\n", found, memory != MAP_FAILED);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    memset(path, 0, sizeof(path));
    readlink(link, path, sizeof(path) - 1);
    printf("in fd: %d\n", strstr(path, name) != NULL);
    rmdir("out/in"), rmdir("out"), rmdir("shown/in"), rmdir("shown"), rmdir("mount");
    chdir("/");
    printf("left: %d\n", rmdir(root) != 0);
    return 0;
}
