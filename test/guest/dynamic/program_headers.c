// dl_iterate_phdr and /proc/self/maps agree on what is loaded; the auxiliary vector leads to the program's headers.
// link: -lcounter
#include "guest.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
extern int counter_next(void);
static int objects, loads, tls;
static int each(struct dl_phdr_info *i, size_t size, void *data) {
  objects++;
  for (int n = 0; n < i->dlpi_phnum; n++) {
    if (i->dlpi_phdr[n].p_type == PT_TLS) tls++;
    if (i->dlpi_phdr[n].p_type != PT_LOAD) continue;
    const volatile char *p = (char *)i->dlpi_addr + i->dlpi_phdr[n].p_vaddr;
    if (i->dlpi_phdr[n].p_flags & PF_R) loads += *p == *p;
  }
  if (strstr(i->dlpi_name, "libcounter")) printf("counter is there: %d\n", (char *)counter_next > (char *)i->dlpi_addr);
  return 0;
}
int main(void) {
  dl_iterate_phdr(each, 0);
  printf("several %d, all readable %d, thread-local %d\n", objects >= 3, loads >= objects * 2, tls > 0);
  Elf64_Phdr *p = (Elf64_Phdr *)getauxval(AT_PHDR);
  int found = 0;
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) found += p[i].p_type == PT_INTERP;
  printf("interpreter %d, its base %d\n", found, getauxval(AT_BASE) != 0);
  FILE *f = fopen("/proc/self/maps", "r");
  int program = 0, library = 0;
  for (char line[512]; fgets(line, sizeof line, f);) {
    program += strstr(line, "program_headers") != 0;
    library += strstr(line, "libcounter.so") != 0;
  }
  // musl's loader is a link to its libc.so.
  printf("maps %d %d\n", program > 2, library > 2);
  return 0;
}
