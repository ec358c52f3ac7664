// Two shared objects that need each other's functions: constructors in order, copy relocations, interposition, destructors.
// link: -lupper -lcounter -rdynamic
#include "guest.h"
extern int version, upper_twice(void), counter_next(void);
extern const char *upper_greeting(void);
const char *greeting(void) { return "the program's"; }
__attribute__((constructor)) static void begin(void) { printf("program: constructor\n"); }
__attribute__((destructor)) static void end(void) { printf("program: destructor\n"); }
static void at_exit(void) { printf("program: atexit\n"); }
int main(void) {
  atexit(at_exit);
  printf("version %d\n", version);
  version = 4;
  printf("%s\n", upper_greeting());
  printf("%d %d\n", upper_twice(), counter_next());
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    printf("in a child: %d\n", counter_next());
    exit(0);
  }
  wait(0);
  return 0;
}
