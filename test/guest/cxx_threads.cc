// std::thread, mutex, condition_variable, future, async, atomic, thread_local with destructors, call_once, shared_mutex.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <numeric>
#include <queue>
#include <shared_mutex>
#include <thread>
#include <vector>
static std::atomic<int> destroyed;
struct Local {
  std::vector<int> values{1, 2, 3};
  ~Local() { destroyed++; }
};
static thread_local Local local;
template <class T> class Channel {
  std::queue<T> queue;
  std::mutex m;
  std::condition_variable changed;
public:
  void send(T value) {
    std::lock_guard lock(m);
    queue.push(std::move(value));
    changed.notify_one();
  }
  T receive() {
    std::unique_lock lock(m);
    changed.wait(lock, [&] { return !queue.empty(); });
    T value = std::move(queue.front());
    queue.pop();
    return value;
  }
};
int main() {
  Channel<int> requests, answers;
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; i++)
    workers.emplace_back([&] {
      for (int n; (n = requests.receive()) >= 0;) answers.send(n * n);
      local.values.push_back(4);
    });
  for (int i = 0; i < 100; i++) requests.send(i);
  long sum = 0;
  for (int i = 0; i < 100; i++) sum += answers.receive();
  for (int i = 0; i < 4; i++) requests.send(-1);
  for (auto &w : workers) w.join();
  std::cout << sum << ' ' << destroyed << '\n';
  auto later = std::async(std::launch::async, [] { return std::this_thread::get_id() != std::thread::id(); });
  std::promise<std::string> promise;
  auto future = promise.get_future();
  std::cout << (future.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout) << later.get() << '\n';
  std::thread([&] { promise.set_value("kept"); }).join();
  std::cout << future.get() << '\n';
  auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a task"); });
  try {
    failing.get();
  } catch (const std::exception &e) {
    std::cout << e.what() << '\n';
  }
  std::once_flag once;
  std::atomic<int> ran{0}, flag{0};
  std::shared_mutex shared;
  int value = 0;
  std::vector<std::thread> many;
  for (int i = 0; i < 8; i++)
    many.emplace_back([&, i] {
      std::call_once(once, [&] { ran++; });
      for (int n = 0; n < 100; n++) {
        if (i % 2) {
          std::unique_lock lock(shared);
          value++;
        } else {
          std::shared_lock lock(shared);
          if (value < 0) flag = 1;
        }
        flag.fetch_add(0, std::memory_order_acq_rel);
      }
    });
  for (auto &t : many) t.join();
  std::cout << ran << ' ' << value << ' ' << flag << '\n';
  std::timed_mutex timed;
  timed.lock();
  bool got = true;
  std::thread([&] { got = timed.try_lock_for(std::chrono::milliseconds(5)); }).join();
  std::cout << got << std::endl;
}
