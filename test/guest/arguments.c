/* argv and the environment arrive. guest-args: one "two words" "" --flag=ü */
#include "guest.h"
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("argv[%d] = \"%s\"\n", i, argv[i]);
  printf("argv[argc] is %s\n", argv[argc] ? "set" : "null");
  printf("GUEST = %s\n", getenv("GUEST") ? getenv("GUEST") : "(unset)");
  setenv("NEW", "value", 1);
  printf("NEW = %s\n", getenv("NEW"));
  unsetenv("NEW");
  printf("NEW = %s\n", getenv("NEW") ? "set" : "(unset)");
  return argc;
}
