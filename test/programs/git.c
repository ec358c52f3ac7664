// Stands in for git(1): what lefthook asks of it, answered for a repository in the working directory.
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char here[4096];
  if (argc > 1 && !strcmp(argv[1], "version")) return printf("git version 2.47.0\n") < 0;
  if (argc < 2 || strcmp(argv[1], "rev-parse") || !getcwd(here, sizeof here)) return 1;
  for (int i = 2; i < argc; i++) {
    if (!strcmp(argv[i], "--git-path") && i + 1 < argc) printf("%s/.git/%s\n", here, argv[++i]);
    else if (!strcmp(argv[i], "--show-toplevel")) printf("%s\n", here);
    else if (!strncmp(argv[i], "--git-", 6)) printf("%s/.git\n", here);
  }
  return 0;
}
