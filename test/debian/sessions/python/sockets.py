"""socket, socketserver, selectors, http.server and urllib, ssl-free servers over loopback, datagrams, descriptors that are passed on."""
import array, errno, http.client, http.server, os, selectors, shutil, socket, socketserver, struct, sys, tempfile, threading, time, urllib.error, urllib.request, xmlrpc.client, xmlrpc.server

os.chdir(tempfile.mkdtemp())


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())
        self.wfile.write(b"bye\n")


class ThreadedV6(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = daemon_threads = True


def talk(connection, text):
    with connection, connection.makefile("rb") as answers:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return answers.read()


def serve(server, connect):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with server:
        results = connect(server.server_address)
        server.shutdown()
    thread.join()
    return results


socketserver.TCPServer.allow_reuse_address = True
print(serve(socketserver.TCPServer(("127.0.0.1", 7001), Upper), lambda address: talk(socket.create_connection(address), b"hello\nworld\n")))
print(serve(ThreadedV6(("::1", 7002), Upper), lambda address: [talk(socket.create_connection(address[:2]), b"%d\n" % i) for i in range(4)]))
print(serve(socketserver.ForkingTCPServer(("", 7003), Upper), lambda address: [talk(socket.create_connection(("localhost", 7003)), b"fork %d\n" % i) for i in range(3)]))


def unix(address):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    return address, connection.getpeername(), talk(connection, b"x\n" * 3)


print(serve(socketserver.ThreadingUnixStreamServer("stream.socket", Upper), unix))


class Echo(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.read()[::-1])


def datagrams(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.settimeout(5)
        own.connect(address)
        return [(own.send(data), own.recv(100)) for data in (b"abc", b"", b"z" * 50)]


print(serve(socketserver.UDPServer(("127.0.0.1", 7004), Echo), datagrams))


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/none":
            return self.send_error(404)
        if self.path == "/move":
            self.send_response(302)
            self.send_header("Location", "/here")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (self.path.encode(), b"x" * 20000, b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[::-1])

    def log_message(self, format, *args):
        log.append(format % args)


log = []


def browse(address):
    base = "http://127.0.0.1:%d" % address[1]
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    moved = urllib.request.urlopen(base + "/move")
    yield moved.geturl()[-5:], len(moved.read())
    yield len(urllib.request.urlopen(base + "/page").read())
    yield urllib.request.urlopen(base + "/", data=b"posted").read()
    try:
        urllib.request.urlopen(base + "/none")
    except urllib.error.HTTPError as error:
        yield error.code
    connection = http.client.HTTPConnection("127.0.0.1", address[1])
    for i in range(3):
        connection.request("POST", "/", b"body %d" % i)
        yield connection.getresponse().read()
    connection.close()


print(serve(http.server.ThreadingHTTPServer(("127.0.0.1", 7005), Pages), lambda address: list(browse(address))))
print(log)
rpc = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 7006), logRequests=False)
rpc.register_function(lambda a, b: a ** b, "power")
print(serve(rpc, lambda address: xmlrpc.client.ServerProxy("http://127.0.0.1:7006").power(2, 10)))

for kind in (selectors.DefaultSelector, selectors.PollSelector, selectors.SelectSelector):
    with kind() as selector, socket.create_server(("127.0.0.1", 7007)) as listener:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ, "accept")
        clients = [socket.create_connection(("127.0.0.1", 7007)) for _ in range(3)]
        [client.sendall(b"%d" % i * (i + 1)) for i, client in enumerate(clients)]
        got, pending = {}, 3
        while pending:
            for key, mask in selector.select(5):
                if key.data == "accept":
                    try:
                        connection, _ = listener.accept()
                    except BlockingIOError:
                        continue
                    connection.setblocking(False)
                    selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE, bytearray())
                elif mask & selectors.EVENT_READ:
                    key.data.extend(key.fileobj.recv(100))
                    if key.data[0] - 47 == len(key.data):
                        selector.unregister(key.fileobj)
                        key.fileobj.sendall(bytes(key.data) * 2)
                        key.fileobj.close()
                        pending -= 1
        print(kind.__name__, [client.makefile().read() for client in clients], selector.select(0) == [])
        [client.close() for client in clients]

left, right = socket.socketpair()
with open("passed", "w+") as file:
    file.write("through the socket")
    file.flush()
    socket.send_fds(left, [b"fd"], [file.fileno()])
data, fds, flags, _ = socket.recv_fds(right, 10, 2)
print(data, len(fds), flags, os.pread(fds[0], 100, 4))
right.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
left.sendmsg([b"one ", b"two"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("3i", os.getpid(), 0, 0))])
data, ancillary, _, _ = right.recvmsg(100, 100)
print(data, [(level, kind, struct.unpack("3i", value)[0] == os.getpid()) for level, kind, value in ancillary])
left.settimeout(0.05)
for attempt in (lambda: left.recv(1), lambda: socket.create_connection(("127.0.0.1", 7999)), lambda: socket.create_server(("192.0.2.1", 7000)), lambda: socket.socket().getpeername(), lambda: socket.getaddrinfo("localhost", "nonsense"), lambda: socket.inet_aton("1.2.3.400")):
    try:
        attempt()
    except OSError as error:
        print(type(error).__name__, error)
print(sorted({(family.name, address) for family, _, _, _, address in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}), socket.getservbyname("http") if os.path.exists("/etc/services") else "", socket.gethostbyname("127.0.0.1"), socket.if_nameindex(), socket.has_dualstack_ipv6())
with socket.create_server(("::", 7008), family=socket.AF_INET6, dualstack_ipv6=True) as both:
    with socket.create_connection(("127.0.0.1", 7008)) as client:
        served, address = both.accept()
        print(address[0], served.getsockname()[:2], client.getpeername())
        served.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        served.close()
        try:
            print(client.recv(1))
        except ConnectionResetError as error:
            print(error.strerror)
with open("big", "wb") as file:
    file.write(os.urandom(300_000))
with socket.create_server(("127.0.0.1", 7009)) as listener, open("big", "rb") as file:
    received = []

    def receive():
        with socket.create_connection(("127.0.0.1", 7009)) as client, client.makefile("rb") as stream:
            received.append(stream.read())

    thread = threading.Thread(target=receive)
    thread.start()
    connection, _ = listener.accept()
    with connection:
        print(connection.sendfile(file, 1000), connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))
    thread.join()
    file.seek(1000)
    print(received[0] == file.read())
