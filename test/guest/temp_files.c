#include "guest.h"
int main(void) {
  char name[] = "/tmp/temp.XXXXXX";
  int f = mkstemp(name);
  MUST(f >= 0);
  printf("name changed %d\n", strcmp(name, "/tmp/temp.XXXXXX") != 0);
  struct stat s;
  fstat(f, &s);
  printf("mode %o\n", s.st_mode & 0777);
  SHOW(write(f, "temporary", 9));
  SHOW(unlink(name));
  FILE *t = tmpfile();
  fprintf(t, "%d %s\n", 5, "five");
  rewind(t);
  int n; char w[10];
  SHOW(fscanf(t, "%d %9s", &n, w));
  printf("%d %s\n", n, w);
  fclose(t);
  f = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  printf("O_TMPFILE %d\n", f >= 0);
  SHOW(write(f, "x", 1));
  return 0;
}
