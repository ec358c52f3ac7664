// C++ exceptions: unwinding through frames, destructors, rethrowing, nesting, function-try, in threads, terminate.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <sys/wait.h>
struct Trace {
  const char *name;
  explicit Trace(const char *n) : name(n) { std::printf("+%s\n", name); }
  ~Trace() { std::printf("-%s%s\n", name, std::uncaught_exceptions() ? " unwinding" : ""); }
};
struct Odd : std::runtime_error {
  int code;
  explicit Odd(int c) : std::runtime_error("odd " + std::to_string(c)), code(c) {}
};
static int deep(int n) {
  Trace t(n % 2 ? "odd" : "even");
  if (n == 0) throw Odd(7);
  return deep(n - 1) + 1;
}
static void rethrows() {
  try {
    deep(3);
  } catch (const std::exception &e) {
    std::printf("passing on %s\n", e.what());
    throw;
  }
}
static void nests() {
  try {
    rethrows();
  } catch (...) {
    std::throw_with_nested(std::logic_error("outer"));
  }
}
struct Base {
  explicit Base(bool fail) {
    if (fail) throw std::string("constructor");
  }
};
struct Derived : Base {
  Trace member{"member"};
  Derived(bool fail) try : Base(fail) {
  } catch (std::string &s) {
    std::printf("function-try %s\n", s.c_str());
  }
};
int main() {
  try {
    nests();
  } catch (const std::logic_error &e) {
    std::printf("caught %s\n", e.what());
    try {
      std::rethrow_if_nested(e);
    } catch (const Odd &o) {
      std::printf("nested %s, code %d\n", o.what(), o.code);
    }
  }
  try {
    Derived d(true);
  } catch (const std::string &s) {
    std::printf("out of it %s\n", s.c_str());
  }
  std::exception_ptr kept;
  std::thread([&] {
    try {
      throw 42L;
    } catch (...) {
      kept = std::current_exception();
    }
  }).join();
  try {
    std::rethrow_exception(kept);
  } catch (long n) {
    std::printf("of a thread %ld\n", n);
  }
  long sum = 0;
  for (int i = 0; i < 1000; i++) {
    try {
      if (i % 3 == 0) throw i;
      if (i % 3 == 1) throw std::make_unique<int>(i);
    } catch (int n) {
      sum += n;
    } catch (const std::unique_ptr<int> &p) {
      sum -= *p;
    }
  }
  std::printf("sum %ld\n", sum);
  try {
    std::string().at(3);
  } catch (const std::out_of_range &) {
    std::printf("out of range\n");
  }
  std::fflush(stdout);
  if (fork() == 0) {
    std::set_terminate([] {
      std::printf("terminate\n");
      std::fflush(stdout);
      std::abort();
    });
    []() noexcept { throw 1; }();
  }
  int status;
  wait(&status);
  std::printf("signal %d\n", WTERMSIG(status));
}
