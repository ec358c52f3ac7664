/* One of several machines in an isolate: what it leaves behind, and what it can see of others. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void list(const char *path, int numbers) {
  DIR *directory = opendir(path);
  for (struct dirent *e; (e = readdir(directory));)
    if (e->d_name[0] != '.' && (!numbers || isdigit((unsigned char)e->d_name[0]))) printf(" %s", e->d_name);
  closedir(directory);
}

/* Takes so many MiB; the sum shows that nobody else writes there. */
static char *take(long mib) {
  char *p = malloc(mib << 20);
  if (p) memset(p, 1, mib << 20);
  return p;
}

static int intact(const char *p, long mib) {
  for (long i = 0; i < mib << 20; i++)
    if (p[i] != 1) return 0;
  return 1;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  setvbuf(stdout, 0, _IONBF, 0);
  if (strcmp(what, "hello") == 0) {
    puts("hello");
  } else if (strcmp(what, "hold") == 0) {
    /* hold NAME MIB: a file, memory, and a wait for the end of the input. */
    char path[64], byte;
    snprintf(path, sizeof path, "/tmp/%s", argv[2]);
    fclose(fopen(path, "w"));
    char *p = take(atol(argv[3]));
    puts(p ? "holds" : "has not");
    while (read(0, &byte, 1) > 0);
    printf("%s, /tmp:", intact(p, atol(argv[3])) ? "intact" : "damaged");
    list("/tmp", 0);
    puts("");
  } else if (strcmp(what, "look") == 0) {
    printf("/tmp:"), list("/tmp", 0), printf(", /proc:"), list("/proc", 1), puts("");
  } else if (strcmp(what, "fit") == 0) {
    char *p = take(atol(argv[2]));
    puts(p && intact(p, atol(argv[2])) ? "fits" : "does not fit");
  } else if (strcmp(what, "stderr") == 0) {
    fprintf(stderr, "complaint\n");
    puts("answer");
    pause();
  } else if (strcmp(what, "reopen") == 0) {
    FILE *out = fopen("/dev/stdout", "w"), *err = fopen("/proc/self/fd/2", "w"), *in = fopen("/dev/stdin", "r");
    if (!out || !err || !in) return 1;
    fprintf(out, "uid %d\n", getuid()), fprintf(err, "again\n");
    return fgetc(in) == EOF ? 0 : 2;
  } else {
    return 2;
  }
  return 0;
}
