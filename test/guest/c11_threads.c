// C11 threads: thrd, mtx, cnd, tss, call_once.
#include "guest.h"
#include <threads.h>
static mtx_t m;
static cnd_t c;
static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static int inits, turn, freed;
static void init(void) { inits++; }
static void release(void *p) { freed += *(int *)p; }
static int take_turns(void *arg) {
  int me = *(int *)arg;
  call_once(&flag, init);
  tss_set(key, arg);
  for (int i = 0; i < 50; i++) {
    mtx_lock(&m);
    while (turn % 3 != me) cnd_wait(&c, &m);
    turn++;
    cnd_broadcast(&c);
    mtx_unlock(&m);
  }
  return me + 10;
}
int main(void) {
  thrd_t t[3];
  int ids[3] = {0, 1, 2}, r, sum = 0;
  mtx_init(&m, mtx_plain);
  cnd_init(&c);
  tss_create(&key, release);
  for (int i = 0; i < 3; i++) thrd_create(&t[i], take_turns, &ids[i]);
  for (int i = 0; i < 3; i++) thrd_join(t[i], &r), sum += r;
  printf("turn %d, sum %d, inits %d, freed %d\n", turn, sum, inits, freed);
  mtx_t timed;
  mtx_init(&timed, mtx_timed | mtx_recursive);
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  printf("%d %d\n", mtx_timedlock(&timed, &now) == thrd_success, mtx_trylock(&timed) == thrd_success);
  printf("%d\n", thrd_sleep(&(struct timespec){0, 1000000}, 0));
  printf("equal %d\n", thrd_equal(thrd_current(), thrd_current()) != 0);
  return 0;
}
