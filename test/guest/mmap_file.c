/* File mappings: private copies, shared writes seen through read and by another process, SIGBUS past the end. */
#include "guest.h"
static sigjmp_buf back;
static void on(int s, siginfo_t *i, void *c) { (void)c; printf("signal %d code %d\n", s, i->si_code); siglongjmp(back, 1); }
int main(void) {
  enter_folder();
  int f = open("data", O_RDWR | O_CREAT, 0600);
  char text[10000];
  for (int i = 0; i < 10000; i++) text[i] = 'a' + i % 26;
  MUST(write(f, text, 10000) == 10000);
  char *priv = mmap(0, 10000, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
  char *sh = mmap(0, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
  MUST(priv != MAP_FAILED && sh != MAP_FAILED);
  printf("%c %c\n", priv[5000], sh[9999]);
  priv[0] = '!';
  sh[1] = '?';
  char b[4];
  pread(f, b, 4, 0);
  printf("file %.4s private %.4s\n", b, priv);
  pwrite(f, "WXYZ", 4, 8000);
  printf("shared sees %.4s, untouched private sees %.4s\n", sh + 8000, priv + 8000);
  fflush(stdout);
  if (fork() == 0) { sh[2] = '+'; priv[3] = '-'; _exit(0); }
  wait(0);
  printf("after child: shared %c private %c\n", sh[2], priv[3]);
  printf("tail is zero %d\n", sh[10000] == 0 && sh[12287] == 0);
  SHOW(msync(sh, 10000, MS_SYNC));
  SHOW(ftruncate(f, 4096));
  set_info_handler(SIGBUS, on, 0);
  if (!sigsetjmp(back, 1)) printf("%c\n", sh[5000]);
  SHOW(ftruncate(f, 20000));
  printf("extended with zero %d\n", sh[5000] == 0);
  char *off = mmap(0, 4096, PROT_READ, MAP_SHARED, f, 4096);
  sh[4096 + 7] = 'o';
  printf("offset %c\n", off[7]);
  SHOW((long)mmap(0, 4096, PROT_READ, MAP_SHARED, f, 100));
  int ro = open("data", O_RDONLY);
  SHOW((long)mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0));
  char *rp = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, ro, 0);
  printf("private of read-only %d\n", rp != MAP_FAILED);
  close(f); close(ro);
  unlink("data");
  printf("mapping outlives the file %c\n", sh[1]);
  leave_folder();
  return 0;
}
