/* process_vm_readv and process_vm_writev: another process's memory, in pieces, as far as it reaches. */
#include "guest.h"
#define PAGE 4096
int main(void) {
  int to[2], from[2];
  char byte, here[64] = "", *there = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(there != MAP_FAILED && munmap(there + 2 * PAGE, PAGE) == 0 && pipe(to) == 0 && pipe(from) == 0);
  strcpy(there, "of the parent");
  pid_t child = fork();
  if (child == 0) {
    strcpy(there, "of the child");
    memset(there + PAGE, 'x', PAGE);
    write(from[1], "r", 1);
    read(to[0], &byte, 1);
    printf("child has: %s, %.4s\n", there, there + PAGE);
    fflush(stdout);
    write(from[1], "r", 1);
    read(to[0], &byte, 1);
    _exit(0);
  }
  MUST(read(from[0], &byte, 1) == 1);
  struct iovec local[2] = {{here, 3}, {here + 10, 20}}, remote[2] = {{there, 5}, {there + 7, 6}};
  CALL(process_vm_readv, child, local, 2, remote, 2, 0);
  printf("%.3s|%.8s\n", here, here + 10);
  struct iovec l = {here, 20}, r = {there + 2 * PAGE - 10, 20};
  CALL(process_vm_readv, child, &l, 1, &r, 1, 0);
  printf("%.10s\n", here);
  r.iov_base = there + 2 * PAGE;
  CALL(process_vm_readv, child, &l, 1, &r, 1, 0);
  l.iov_base = (void *)8;
  r.iov_base = there;
  CALL(process_vm_readv, child, &l, 1, &r, 1, 0);
  l = (struct iovec){"written", 7};
  CALL(process_vm_writev, child, &l, 1, &r, 1, 0);
  struct iovec second[2] = {{there + PAGE, 1}, {there + PAGE + 2, 1}};
  l = (struct iovec){"AB", 2};
  CALL(process_vm_writev, child, &l, 1, second, 2, 0);
  MUST(write(to[1], "g", 1) == 1 && read(from[0], &byte, 1) == 1);
  printf("parent has: %s\n", there);
  CALL(process_vm_readv, child, &l, 1, &r, 1, 1);
  CALL(process_vm_writev, child, &l, 1, &r, 1, 1);
  CALL(process_vm_readv, child, &l, 0, &r, 0, 0);
  CALL(process_vm_readv, child, &l, 1025, &r, 1, 0);
  CALL(process_vm_readv, child, 8, 1, &r, 1, 0);
  CALL(process_vm_readv, 0x3fffffff, &l, 1, &r, 1, 0);
  CALL(process_vm_writev, 0x3fffffff, &l, 1, &r, 1, 0);
  MUST(write(to[1], "g", 1) == 1 && waitpid(child, 0, 0) == child);
  return 0;
}
