// dlopen, dlsym, dlclose, dladdr: a plug-in that calls back, reference counts, errors, thread-local storage that comes late.
// link: -rdynamic
#include "guest.h"
#include <dlfcn.h>
#include <pthread.h>
const char *host_name(int n) {
  static char text[32];
  snprintf(text, sizeof text, "called with %d", n);
  return text;
}
static long (*run)(int);
static pthread_barrier_t meet;
static void *early(void *arg) {
  pthread_barrier_wait(&meet);
  pthread_barrier_wait(&meet);
  return (void *)run(20);
}
int main(void) {
  pthread_t t;
  pthread_barrier_init(&meet, 0, 2);
  pthread_create(&t, 0, early, 0);
  pthread_barrier_wait(&meet);
  void *none = dlopen("libnone.so", RTLD_NOW);
  printf("none: %d, an error: %d\n", none != 0, dlerror() != 0);
  printf("not loaded: %d\n", dlopen("libplugin.so", RTLD_NOW | RTLD_NOLOAD) != 0);
  void *h = dlopen("libplugin.so", RTLD_LAZY);
  if (!h) printf("%s\n", dlerror());
  run = (long (*)(int))dlsym(h, "plugin_run");
  int *data = dlsym(h, "plugin_data");
  printf("data %d\n", *data);
  printf("no symbol: %d\n", dlsym(h, "plugin_nothing") != 0);
  printf("main %ld\n", run(1));
  printf("main %ld\n", run(1));
  void *r;
  pthread_barrier_wait(&meet);
  pthread_join(t, &r);
  printf("a thread older than the plug-in %ld\n", (long)r);
  void *same = dlopen("libplugin.so", RTLD_NOW);
  printf("same handle %d\n", same == h);
  printf("close %d\n", dlclose(same));
  Dl_info info;
  printf("dladdr %d %s\n", dladdr((void *)run, &info), info.dli_sname);
  printf("of %s\n", strrchr(info.dli_fname, '/') + 1);
  void *self = dlopen(0, RTLD_NOW);
  printf("own symbol %d\n", dlsym(self, "host_name") == (void *)host_name);
  printf("global before: %d\n", dlsym(RTLD_DEFAULT, "counter_next") != 0);
  void *counter = dlopen("libcounter.so", RTLD_NOW | RTLD_GLOBAL);
  int (*next)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "counter_next");
  printf("next %d\n", next());
  printf("close %d\n", dlclose(h));
  printf("end\n");
  return 0;
}
