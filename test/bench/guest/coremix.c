/* A mix as in CoreMark: sorting and searching a linked list, an integer matrix product, a state machine over text, CRC. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NODES = 600, SIZE = 24, TEXT = 2048 };

struct node {
  struct node *next;
  int16_t value, tag;
};

static uint16_t crc16(uint16_t crc, uint16_t value) {
  for (int i = 0; i < 16; i++, value >>= 1) crc = (crc ^ value) & 1 ? (uint16_t)(crc >> 1 ^ 0xa001) : crc >> 1;
  return crc;
}

static struct node *merge(struct node *a, struct node *b) {
  struct node head, *tail = &head;
  while (a && b) {
    struct node **least = a->value <= b->value ? &a : &b;
    tail->next = *least;
    tail = *least;
    *least = tail->next;
  }
  tail->next = a ? a : b;
  return head.next;
}

static struct node *sort(struct node *list) {
  if (!list || !list->next) return list;
  struct node *slow = list, *fast = list->next;
  while (fast && fast->next) slow = slow->next, fast = fast->next->next;
  struct node *half = slow->next;
  slow->next = NULL;
  return merge(sort(list), sort(half));
}

static uint16_t lists(uint32_t seed, uint16_t crc) {
  static struct node nodes[NODES];
  struct node *list = NULL;
  for (int i = 0; i < NODES; i++) {
    seed = seed * 1103515245 + 12345;
    nodes[i] = (struct node){list, (int16_t)(seed >> 16), (int16_t)i};
    list = &nodes[i];
  }
  for (int wanted = 0; wanted < 40; wanted++) {
    struct node *n = list;
    while (n && n->tag != wanted * 7) n = n->next;
    if (n) crc = crc16(crc, (uint16_t)n->value);
  }
  for (struct node *n = sort(list); n; n = n->next) crc = crc16(crc, (uint16_t)n->value);
  return crc;
}

static uint16_t matrices(uint32_t seed, uint16_t crc) {
  static int16_t a[SIZE][SIZE], b[SIZE][SIZE];
  static int32_t c[SIZE][SIZE];
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      seed = seed * 69069 + 1;
      a[i][j] = (int16_t)(seed >> 20);
      b[i][j] = (int16_t)(seed >> 12);
    }
  }
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      int32_t sum = 0;
      for (int l = 0; l < SIZE; l++) sum += a[i][l] * b[l][j];
      c[i][j] = sum;
    }
  }
  for (int i = 0; i < SIZE; i++) crc = crc16(crc, (uint16_t)(c[i][i] >> 4));
  return crc;
}

/* Counts what kind of number each comma-separated word is. */
static uint16_t states(uint32_t seed, uint16_t crc) {
  static const char letters[] = "0123456789+-.eE,,x";
  static char text[TEXT + 1];
  for (int i = 0; i < TEXT; i++) {
    seed = seed * 1664525 + 1013904223;
    text[i] = letters[(seed >> 24) % (sizeof letters - 1)];
  }
  enum { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, SCIENTIFIC, INVALID, STATES } state = START;
  unsigned counts[STATES] = {0};
  for (const char *p = text; *p; p++) {
    char c = *p;
    int digit = c >= '0' && c <= '9';
    if (c == ',') {
      counts[state]++;
      state = START;
      continue;
    }
    switch (state) {
      case START: state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : INVALID; break;
      case SIGN: state = digit ? INTEGER : c == '.' ? POINT : INVALID; break;
      case INTEGER: state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID; break;
      case POINT: state = digit ? FRACTION : INVALID; break;
      case FRACTION: state = digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID; break;
      case EXPONENT: state = digit || c == '+' || c == '-' ? SCIENTIFIC : INVALID; break;
      case SCIENTIFIC: state = digit ? SCIENTIFIC : INVALID; break;
      default: break;
    }
  }
  for (int i = 0; i < STATES; i++) crc = crc16(crc, (uint16_t)counts[i]);
  return crc;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1000;
  uint16_t crc = 0xffff;
  for (int i = 0; i < rounds; i++) crc = states((uint32_t)i, matrices((uint32_t)i, lists((uint32_t)i, crc)));
  printf("crc %04x after %d rounds\n", crc, rounds);
  return 0;
}
