// The C++ library's containers, algorithms, strings, regular expressions, random numbers, chrono arithmetic.
#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <iostream>
#include <list>
#include <map>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>
int main() {
  std::mt19937_64 random(12345);
  std::vector<unsigned long> v(5000);
  for (auto &x : v) x = random() % 100000;
  auto sorted = v;
  std::stable_sort(sorted.begin(), sorted.end());
  std::cout << std::is_sorted(sorted.begin(), sorted.end()) << ' ' << std::accumulate(v.begin(), v.end(), 0ul) << '\n';
  std::nth_element(v.begin(), v.begin() + 2500, v.end());
  std::cout << (v[2500] == sorted[2500]) << ' ' << std::binary_search(sorted.begin(), sorted.end(), sorted[77]) << '\n';
  std::map<std::string, int> words;
  std::unordered_map<std::string, int> hashed;
  std::string text = "the quick brown fox jumps over the lazy dog the end";
  std::regex word_pattern("[a-z]+");
  for (std::sregex_iterator i(text.begin(), text.end(), word_pattern), end; i != end; ++i) words[i->str()]++, hashed[i->str()]++;
  for (auto &[word, n] : words) std::cout << word << '=' << n << (hashed[word] == n ? ' ' : '!');
  std::cout << '\n' << std::regex_replace(text, std::regex("(\\w+) (\\w+)"), "$2 $1") << '\n';
  std::priority_queue<int, std::vector<int>, std::greater<>> queue;
  for (int i : {5, 1, 4, 2, 3}) queue.push(i);
  for (; !queue.empty(); queue.pop()) std::cout << queue.top();
  std::list<int> list(10);
  std::iota(list.begin(), list.end(), 0);
  list.remove_if([](int n) { return n % 3 == 0; });
  std::deque<int> deque(list.rbegin(), list.rend());
  deque.push_front(100);
  for (int n : deque) std::cout << ' ' << n;
  std::multiset<std::string_view> set{"b", "a", "b"};
  std::variant<int, std::string> either = "text";
  std::optional<double> none;
  std::cout << '\n' << set.count("b") << std::get<std::string>(either) << either.index() << none.value_or(2.5) << '\n';
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal;
  double sum = 0;
  for (int i = 0; i < 1000; i++) sum += uniform(random) + normal(random);
  std::cout.precision(12);
  std::cout << sum << '\n';
  using namespace std::chrono;
  std::cout << duration_cast<minutes>(hours(3) + seconds(150)).count() << ' ' << (steady_clock::now() >= steady_clock::time_point()) << '\n';
  std::string s(1000, 'x');
  for (int i = 0; i < 10; i++) s += s.substr(0, 100);
  std::cout << s.size() << ' ' << s.find("y") << ' ' << std::hash<std::string>()("abc") % 1000 << ' ' << std::stod("1e-3") << '\n';
  auto t = std::make_tuple(1, 2.5, std::string("three"));
  std::function<int(int)> fibonacci = [&](int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); };
  std::cout << std::get<2>(t) << ' ' << fibonacci(20) << '\n';
}
