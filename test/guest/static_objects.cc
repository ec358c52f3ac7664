// Order of construction and destruction: globals, function statics, atexit, constructor attributes, virtual inheritance, RTTI.
#include <cstdio>
#include <cstdlib>
#include <typeinfo>
struct Named {
  const char *name;
  explicit Named(const char *n) : name(n) { std::printf("construct %s\n", name); }
  ~Named() { std::printf("destroy %s\n", name); }
};
static Named first("first");
static Named &once() {
  static Named object("on first use");
  return object;
}
__attribute__((constructor(150))) static void early() { std::printf("constructor 150\n"); }
__attribute__((constructor(101))) static void earlier() { std::printf("constructor 101\n"); }
__attribute__((destructor)) static void late() { std::printf("destructor\n"); }
static Named second("second");
struct Top {
  int top = 1;
  virtual const char *who() { return "top"; }
  virtual ~Top() {}
};
struct Left : virtual Top {
  const char *who() override { return "left"; }
};
struct Right : virtual Top {};
struct Bottom : Left, Right {
  const char *who() override { return "bottom"; }
};
int main() {
  std::atexit([] { std::printf("atexit\n"); });
  once();
  once();
  Bottom b;
  Top *t = &b;
  std::printf("%s %d %d\n", t->who(), dynamic_cast<Right *>(t) == static_cast<Right *>(&b), typeid(*t) == typeid(Bottom));
  Top other;
  std::printf("%d\n", dynamic_cast<Left *>(&other) == nullptr);
  int (Named::*none) = nullptr;
  const char *(Top::*method)() = &Top::who;
  std::printf("%s %d\n", (t->*method)(), none == nullptr);
  auto *array = new Named[2]{Named("array 0"), Named("array 1")};
  delete[] array;
  at_quick_exit([] { std::printf("not on exit\n"); });
}
