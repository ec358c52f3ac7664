// C++ across a shared object: exceptions out of it and through it, dynamic_cast, virtual calls, iostreams of one library.
// link: -lthrower
#include <iostream>
#include <memory>
#include <stdexcept>
#include <typeinfo>
struct Shape {
  virtual ~Shape() {}
  virtual double area() const = 0;
};
Shape *make_square(double side);
void call_back(void (*f)(int));
int main() {
  std::unique_ptr<Shape> s(make_square(3));
  std::cout << "area " << s->area() << '\n';
  try {
    make_square(-5);
  } catch (const std::invalid_argument &e) {
    std::cout << "caught " << e.what() << '\n';
  }
  try {
    call_back([](int n) { throw n + 41; });
  } catch (const std::exception &e) {
    std::cout << "caught " << e.what() << ' ' << (typeid(e) == typeid(std::runtime_error)) << '\n';
  }
  std::cout << "cast " << (dynamic_cast<Shape *>(s.get()) != nullptr) << std::endl;
}
