/* The auxiliary vector (getauxval(3)) is that of Linux. */
#include "guest.h"
#include <elf.h>
#include <sys/auxv.h>
int main(void) {
  extern char **environ;
  printf("page size %lu\n", getauxval(AT_PAGESZ));
  printf("clock ticks %lu\n", getauxval(AT_CLKTCK));
  printf("phdr entry size %lu, some: %d\n", getauxval(AT_PHENT), getauxval(AT_PHNUM) > 2);
  const Elf64_Phdr *ph = (void *)getauxval(AT_PHDR);
  int loads = 0;
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) loads += ph[i].p_type == PT_LOAD;
  printf("load segments found: %d\n", loads >= 2);
  printf("platform %s\n", (char *)getauxval(AT_PLATFORM));
  const char *name = (char *)getauxval(AT_EXECFN);
  printf("execfn ends in program's name: %d\n", name && strstr(name, "auxv") != 0);
  const unsigned char *random = (void *)getauxval(AT_RANDOM);
  int bits = 0;
  for (int i = 0; i < 16; i++) bits |= random[i];
  printf("random bytes: %d\n", bits != 0);
  printf("secure %lu\n", getauxval(AT_SECURE));
  printf("uid agrees %d\n", getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
  uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
  printf("stack aligned %d\n", sp % 16 == 0);
  printf("strings above the stack %d\n", (uintptr_t)environ > sp);
  return 0;
}
