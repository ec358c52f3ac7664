"""Modules that compute: json, re, decimal, fractions, hashlib, zlib, struct, datetime, collections, pathlib, shutil, tarfile …"""
import base64, bisect, bz2, collections, configparser, csv, dataclasses, datetime, decimal, difflib, enum, fractions, functools, glob, gzip, hashlib, heapq, hmac, io, itertools, json, logging, lzma, math, operator, os, pathlib, pickle, pprint, random, re, shlex, shutil, statistics, string, struct, sys, tarfile, tempfile, textwrap, time, traceback, types, typing, unicodedata, uuid, zipfile, zlib
data = {"name": "ünïcode", "list": [1, 2.5, None, True], "nested": {"a": {"b": "c\n"}}}
print(json.dumps(data, sort_keys=True), json.loads(json.dumps(data, indent=2)) == data)
print(re.findall(r"(\w+)@(\w+)\.com", "a@b.com, cc@dd.com"), re.sub(r"(?P<x>\d+)", lambda m: str(int(m["x"]) * 2), "1 and 22"), re.split(r"[,;]\s*", "a, b;c"), bool(re.fullmatch(r"(?i)(a|b)*c?(?=$)", "ABABC")))
decimal.getcontext().prec = 50
print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7, fractions.Fraction(1, 3) + fractions.Fraction(1, 6), 2 ** 200, math.factorial(30), pow(3, 1000, 10 ** 9 + 7), math.isqrt(10 ** 30), divmod(-7, 3))
print([f(0.7) for f in (math.sin, math.cos, math.tan, math.exp, math.log, math.sqrt, math.gamma, math.erf, math.atanh)], math.fsum([0.1] * 10), sum([0.1] * 10), repr(1e308 * 10), float.hex(0.1), round(2.675, 2), f"{math.pi:.10e} {12345.678:,.2f} {255:#x} {-5:+06d}", math.nan != math.nan, complex(1, 2) ** 2)
for name in ("md5", "sha1", "sha256", "sha3_256", "blake2b", "sha512"):
    print(name, hashlib.new(name, b"abc" * 1000).hexdigest()[:32])
print(hmac.new(b"key", b"message", "sha256").hexdigest(), hashlib.pbkdf2_hmac("sha256", b"p", b"s", 100).hex()[:16], zlib.crc32(b"hello"), zlib.adler32(b"hello"), base64.b85encode(b"binary\0data"))
text = b"".join(b"%d squared is %d\n" % (i, i * i) for i in range(3000))
for module in (zlib, gzip, bz2, lzma):
    packed = module.compress(text)
    print(module.__name__, module.decompress(packed) == text, len(packed) < len(text) // 2)
print(struct.pack("<iHd4s?", -1, 65535, 1.5, b"abcd", True).hex(), struct.unpack(">Q", b"\1" * 8), struct.calcsize("@ci"), array_sum := sum(memoryview(bytes(range(100)))))
print(datetime.datetime.fromtimestamp(1700000000, datetime.timezone.utc).isoformat(), datetime.date(2024, 2, 29) + datetime.timedelta(days=366), datetime.datetime.strptime("2024-01-15 10:30", "%Y-%m-%d %H:%M").strftime("%A %d %B"), time.strftime("%c", time.gmtime(0)))
random.seed(42)
print(random.random(), random.randint(1, 100), random.sample(range(50), 5), random.gauss(0, 1), [random.choice("abc") for _ in range(5)])
print(collections.Counter("mississippi").most_common(2), collections.OrderedDict(a=1), collections.deque([1, 2, 3], 2), heapq.nsmallest(3, [5, 1, 4, 2]), bisect.bisect([1, 3, 5], 4), list(itertools.permutations("abc", 2))[:3], list(itertools.accumulate(range(5))), functools.reduce(operator.mul, range(1, 10)), statistics.stdev([1, 2, 3, 4]))
os.chdir(tempfile.mkdtemp(prefix="py"))
p = pathlib.Path("a/b/c.txt")
p.parent.mkdir(parents=True), p.write_text("text\n"), p.chmod(0o640)
print(p.read_text(), p.suffix, p.exists(), p.stat().st_size, oct(p.stat().st_mode), sorted(map(str, pathlib.Path(".").rglob("*"))), p.with_suffix(".x"), p.resolve().relative_to(pathlib.Path.cwd()))
shutil.copytree("a", "z"), shutil.move("z/b/c.txt", "moved"), shutil.make_archive("arch", "gztar", "a"), shutil.rmtree("a")
with tarfile.open("arch.tar.gz") as t:
    print(sorted(t.getnames()), t.extractfile("./b/c.txt").read())
with zipfile.ZipFile("z.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("inner.txt", "zipped " * 100)
print(zipfile.ZipFile("z.zip").read("inner.txt")[:14], sorted(glob.glob("*")), shutil.which("ls"), shutil.disk_usage("/").total >= 0)
with open("t.csv", "w", newline="") as f:
    csv.writer(f).writerows([["a", "b,c"], [1, 'q"uote']])
print(list(csv.reader(open("t.csv"))), open("t.csv", "rb").read())
config = configparser.ConfigParser()
config.read_string("[s]\nkey = value\nn = %(key)s2")
print(config["s"]["n"], pickle.loads(pickle.dumps(data)) == data, uuid.uuid5(uuid.NAMESPACE_DNS, "x"), shlex.split("a 'b c' d\\ e"), textwrap.fill("word " * 20, 30), string.Template("$x").substitute(x=1), unicodedata.name("é"), "ß".upper(), "é".encode("latin-1"), "\N{SNOWMAN}".encode())
print("".join(difflib.unified_diff(["a\n", "b\n"], ["a\n", "c\n"])), pprint.pformat({i: "x" * 20 for i in range(5)}))
@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0
class Colour(enum.Enum):
    RED = 1
print(Point(1) < Point(1, 2), Point(3), Colour.RED, Colour["RED"].value, type("T", (), {"v": 1})().v, typing.get_type_hints(Point))
def generator():
    try:
        x = yield 1
        yield x * 2
    finally:
        print("closed")
g = generator()
print(next(g), g.send(21), g.close())
try:
    try:
        [][1]
    except IndexError as e:
        raise RuntimeError("outer") from e
except RuntimeError:
    print(traceback.format_exc().replace(__file__, "file"))
class Matrix:
    def __init__(self, rows): self.rows = rows
    def __matmul__(self, other): return Matrix([[sum(a * b for a, b in zip(r, c)) for c in zip(*other.rows)] for r in self.rows])
m = Matrix([[1, 1], [1, 0]])
print(functools.reduce(operator.matmul, [m] * 30).rows, sorted("the quick brown fox".split(), key=len), {**{"a": 1}, "b": 2}, [*range(3), *"ab"])
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s"), logging.warning("logged %d", 5)
match ["command", 3]:
    case ["command", int(n)] if n > 2: print("matched", n)
exec(compile("y = [i ** 2 for i in range(5)]", "<x>", "exec"), ns := {}), print(ns["y"])
print(sys.stdin.read().count("the"), sys.byteorder, sys.maxsize, sys.float_info.max, hash((1, 2, 3)), "%s" % types.SimpleNamespace(a=1), file=sys.stderr)
raise SystemExit(3)
