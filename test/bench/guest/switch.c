/* Jump tables: an interpreter of a small stack machine, running a program that counts Collatz steps. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum op { PUSH, LOAD, STORE, ADD, MUL, SHR, AND, LESS, JUMP, JUMP_IF_ZERO, HALT };

struct instruction {
  uint8_t op;
  int32_t argument;
};

/* Variables: 0 is i, 1 is n, 2 is the number of steps, 3 is the limit. */
static const struct instruction program[] = {
    {PUSH, 1},   {STORE, 0},                                              /*  0: i = 1 */
    {LOAD, 0},   {LOAD, 3},  {LESS, 0}, {JUMP_IF_ZERO, 33},               /*  2: while (i < limit) { */
    {LOAD, 0},   {STORE, 1},                                              /*  6:   n = i */
    {PUSH, 1},   {LOAD, 1},  {LESS, 0}, {JUMP_IF_ZERO, 28},               /*  8:   while (1 < n) { */
    {LOAD, 2},   {PUSH, 1},  {ADD, 0},  {STORE, 2},                       /* 12:     steps = steps + 1 */
    {LOAD, 1},   {PUSH, 1},  {AND, 0},  {JUMP_IF_ZERO, 24},               /* 16:     if (n & 1) */
    {LOAD, 1},   {PUSH, 3},  {MUL, 0},  {JUMP, 29},                       /* 20:       n = n * 3 + 1 */
    {LOAD, 1},   {PUSH, 1},  {SHR, 0},  {JUMP, 31},                       /* 24:     else n = n >> 1 */
    {JUMP, 34},                                                           /* 28:   } */
    {PUSH, 1},   {ADD, 0},   {STORE, 1}, {JUMP, 8},                       /* 29 */
    {HALT, 0},                                                            /* 33: } */
    {LOAD, 0},   {PUSH, 1},  {ADD, 0},  {STORE, 0}, {JUMP, 2},            /* 34:   i = i + 1 */
};

__attribute__((noinline)) static int64_t run(const struct instruction *code, int64_t limit) {
  int64_t stack[16], variables[4] = {0, 0, 0, limit}, *top = stack;
  for (const struct instruction *at = code;; at++) {
    switch ((enum op)at->op) {
      case PUSH: *top++ = at->argument; break;
      case LOAD: *top++ = variables[at->argument]; break;
      case STORE: variables[at->argument] = *--top; break;
      case ADD: top--, top[-1] += top[0]; break;
      case MUL: top--, top[-1] *= top[0]; break;
      case SHR: top--, top[-1] >>= top[0]; break;
      case AND: top--, top[-1] &= top[0]; break;
      case LESS: top--, top[-1] = top[-1] < top[0]; break;
      case JUMP: at = code + at->argument - 1; break;
      case JUMP_IF_ZERO:
        if (!*--top) at = code + at->argument - 1;
        break;
      case HALT: return variables[2];
    }
  }
}

int main(int argc, char **argv) {
  long limit = argc > 1 ? atol(argv[1]) : 30000;
  printf("%ld Collatz steps below %ld\n", (long)run(program, limit), limit);
  return 0;
}
