// For dlopen: calls back into the program, and has thread-local storage of its own.
#include <pthread.h>
#include <stdio.h>
extern const char *host_name(int);
static __thread long local = 100;
__thread char big[20000];
__attribute__((constructor)) static void begin(void) { printf("plugin: constructor\n"); }
__attribute__((destructor)) static void end(void) { printf("plugin: destructor\n"); }
long plugin_run(int n) {
  printf("plugin: %s\n", host_name(n));
  big[19999] += n;
  return local += n + big[19999];
}
int plugin_data = 55;
