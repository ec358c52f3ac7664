// Exceptions and a class hierarchy that cross the border of a shared object.
#include <stdexcept>
#include <string>
struct Shape {
  virtual ~Shape() {}
  virtual double area() const = 0;
};
struct Square : Shape {
  double side;
  explicit Square(double s) : side(s) {}
  double area() const override { return side * side; }
};
Shape *make_square(double side) {
  if (side < 0) throw std::invalid_argument("negative side " + std::to_string(int(side)));
  return new Square(side);
}
void call_back(void (*f)(int)) {
  try {
    f(1);
  } catch (int n) {
    throw std::runtime_error("was " + std::to_string(n));
  }
}
