// C++ iostreams, locales and formatting; files and strings; reading numbers back.
#include <cmath>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <unistd.h>
int main() {
  std::ios::sync_with_stdio(false);
  std::cout << 42 << ' ' << -1.5 << ' ' << true << ' ' << std::boolalpha << false << ' ' << 'c' << " text\n";
  std::cout << std::hex << std::showbase << 255 << ' ' << std::oct << 8 << std::dec << ' ' << std::setw(8) << std::setfill('*') << 77 << '\n';
  std::cout << std::fixed << std::setprecision(3) << M_PI << ' ' << std::scientific << 12345.678 << ' ' << std::defaultfloat << 1e20 << '\n';
  std::cout << std::setprecision(17) << 0.1 << ' ' << std::hexfloat << 0.1 << std::defaultfloat << '\n';
  std::cout << std::numeric_limits<double>::infinity() << ' ' << -std::nan("") << ' ' << std::numeric_limits<double>::denorm_min() << '\n';
  std::istringstream in("12 0x1f 3.25e2 word \"quoted text\" 99999999999999999999 nonsense");
  int a, big;
  std::string b, word, quoted;
  double c;
  in >> a >> std::hex >> b >> std::dec >> c >> word >> std::quoted(quoted);
  std::cout << a << '|' << b << '|' << c << '|' << word << '|' << quoted << '|';
  in >> big;
  std::cout << in.fail() << ' ' << (big == std::numeric_limits<int>::max()) << '\n';
  std::string path = "/tmp/iostreams." + std::to_string(getpid());
  {
    std::ofstream out(path, std::ios::binary);
    for (int i = 0; i < 2000; i++) out << i << (i % 10 == 9 ? '\n' : ' ');
  }
  std::ifstream file(path);
  long sum = 0, lines = 0;
  for (std::string line; std::getline(file, line); lines++) {
    std::istringstream numbers(line);
    for (int n; numbers >> n;) sum += n;
  }
  std::cout << lines << " lines, sum " << sum << ", eof " << file.eof() << '\n';
  file.clear();
  file.seekg(-5, std::ios::end);
  std::string last;
  file >> last;
  std::cout << last << ' ' << file.tellg() << '\n';
  std::fstream both(path, std::ios::in | std::ios::out);
  both.seekp(0);
  both << "XYZ";
  both.seekg(0);
  std::getline(both, last);
  std::cout << last << '\n';
  unlink(path.c_str());
  std::ifstream none("/nonexistent");
  std::cout << none.is_open() << ' ' << !none << '\n';
  std::wostringstream wide;
  wide << L"wide " << 5;
  std::cout << wide.str().size() << std::endl;
  std::cerr << "to standard error\n";
  std::clog << "and the log" << std::endl;
}
