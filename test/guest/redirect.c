/* What a shell does: a pipeline of three processes with dup2, output into a file, a here-document. */
#include "guest.h"
int main(void) {
  enter_folder();
  int a[2], b[2];
  MUST(pipe(a) == 0 && pipe(b) == 0);
  if (fork() == 0) {
    dup2(a[1], 1); close(a[0]); close(a[1]); close(b[0]); close(b[1]);
    for (int i = 0; i < 3000; i++) printf("%d\n", i * 7919 % 3001);
    exit(0);
  }
  if (fork() == 0) {
    dup2(a[0], 0); dup2(b[1], 1); close(a[0]); close(a[1]); close(b[0]); close(b[1]);
    int n; while (scanf("%d", &n) == 1) if (n % 3 == 0) printf("%d\n", n);
    exit(0);
  }
  if (fork() == 0) {
    int f = open("out", O_CREAT | O_WRONLY, 0600);
    dup2(b[0], 0); dup2(f, 1); close(f); close(a[0]); close(a[1]); close(b[0]); close(b[1]);
    int n, count = 0; long sum = 0; while (scanf("%d", &n) == 1) count++, sum += n;
    printf("%d numbers, sum %ld\n", count, sum);
    exit(4);
  }
  close(a[0]); close(a[1]); close(b[0]); close(b[1]);
  int status, bad = 0, four = 0;
  while (wait(&status) > 0) { bad += !WIFEXITED(status); four += WEXITSTATUS(status) == 4; }
  printf("bad %d four %d\n", bad, four);
  char text[64] = {0};
  int f = open("out", O_RDONLY);
  read(f, text, 63);
  fputs(text, stdout);
  unlink("out");
  leave_folder();
  return 0;
}
