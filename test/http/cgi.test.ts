import { describe, expect, test } from "vitest";
import { cgiResponse, metaVariables } from "../../src/http/cgi.ts";

function variables(url: string, init: { method?: string; headers?: Record<string, string>; cwd?: string } = {}) {
  const parsed = new URL(url);
  return metaVariables({
    method: init.method ?? "GET",
    url: parsed,
    headers: new Headers(init.headers),
    function: parsed.pathname.split("/")[1],
    cwd: init.cwd ?? "/",
  });
}

describe("meta-variables", () => {
  test("of a plain request", () => {
    expect(variables("http://example.com:8787/hello?a=1&b=%20", { headers: { "User-Agent": "x" } })).toEqual({
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTP_USER_AGENT: "x",
      PATH_INFO: "",
      QUERY_STRING: "a=1&b=%20",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_HOST: "127.0.0.1",
      REQUEST_METHOD: "GET",
      REQUEST_SCHEME: "http",
      REQUEST_URI: "/hello?a=1&b=%20",
      SCRIPT_NAME: "/hello",
      SERVER_NAME: "example.com",
      SERVER_PORT: "8787",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SOFTWARE: "binlet/0.1",
    });
  });

  test("PATH_INFO is decoded, PATH_TRANSLATED is below the working directory", () => {
    expect(variables("https://h/f/a%20b/%C3%A9", { cwd: "/srv/" })).toMatchObject({
      HTTPS: "on",
      PATH_INFO: "/a b/é",
      PATH_TRANSLATED: "/srv/a b/é",
      SCRIPT_NAME: "/f",
      SERVER_PORT: "443",
    });
    expect(variables("http://h/f/").PATH_INFO).toBe("/");
    expect(variables("http://h/f")).not.toHaveProperty("PATH_TRANSLATED");
  });

  test("a path that is no text is refused", () => {
    for (const path of ["%00", "%ff", "%zz"]) expect(() => variables(`http://h/f/${path}`)).toThrow(/percent-encoding/);
  });

  test("the body's type and length have variables of their own", () => {
    const got = variables("http://h/f", { headers: { "Content-Type": "a/b", "Content-Length": "12" } });
    expect(got).toMatchObject({ CONTENT_TYPE: "a/b", CONTENT_LENGTH: "12" });
    expect(got).not.toHaveProperty("HTTP_CONTENT_TYPE");
    expect(got).not.toHaveProperty("HTTP_CONTENT_LENGTH");
  });

  test("credentials, Proxy and the connection's headers are not passed; neither are names that would collide", () => {
    const headers = {
      Authorization: "x",
      Proxy: "http://evil",
      "Proxy-Authorization": "x",
      TE: "x",
      "X_Real-Ip": "x",
      "X-Ok": "y",
    };
    const got = variables("http://h/f", { headers });
    expect(Object.keys(got).filter((name) => name.startsWith("HTTP_"))).toEqual(["HTTP_X_OK"]);
  });

  test("the client's address is the platform's word for it", () => {
    expect(variables("http://h/f", { headers: { "CF-Connecting-IP": "2001:db8::1" } }).REMOTE_ADDR).toBe("2001:db8::1");
  });
});

describe("response", () => {
  const parsed = (fields: [string, string][]) => {
    const r = cgiResponse(fields);
    return r.kind === "response" ? { ...r, headers: [...r.headers] } : r;
  };

  test("a document", () => {
    expect(
      parsed([
        ["Content-Type", "text/html"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ]),
    ).toEqual({
      kind: "response",
      status: 200,
      statusText: "",
      headers: [
        ["content-type", "text/html"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ],
    });
  });

  test("Status with and without a phrase", () => {
    expect(parsed([["Status", "404 Not Found"]])).toMatchObject({ status: 404, statusText: "Not Found" });
    expect(parsed([["Status", "599"]])).toMatchObject({ status: 599, statusText: "" });
  });

  test("Status must be a final one", () => {
    for (const status of ["", "abc", "99", "100", "101 Switching Protocols", "600", "2000", "200OK"]) {
      expect(() => cgiResponse([["Status", status]])).toThrow(/Status/);
    }
  });

  test("Location: a local redirect when it is a path and alone", () => {
    expect(parsed([["Location", "/other?x=1"]])).toEqual({ kind: "local redirect", path: "/other?x=1" });
    expect(
      parsed([
        ["Content-Type", "text/html"],
        ["location", "/other"],
      ]),
    ).toEqual({ kind: "local redirect", path: "/other" });
  });

  test("Location: a client redirect otherwise", () => {
    expect(parsed([["Location", "https://example.com/"]])).toMatchObject({ status: 302 });
    expect(parsed([["Location", "//example.com/"]])).toMatchObject({ status: 302 });
    expect(
      parsed([
        ["Location", "/x"],
        ["Set-Cookie", "a=1"],
      ]),
    ).toMatchObject({ status: 302 });
    expect(
      parsed([
        ["Location", "/x"],
        ["Status", "303 See Other"],
      ]),
    ).toMatchObject({ status: 303, statusText: "See Other" });
  });

  test("fields of the connection are the server's", () => {
    const r = parsed([
      ["Content-Type", "a/b"],
      ["Connection", "close"],
      ["Transfer-Encoding", "chunked"],
      ["Upgrade", "x"],
    ]);
    expect(r).toMatchObject({ headers: [["content-type", "a/b"]] });
  });

  test("CGI fields twice, and control characters, are the program's fault", () => {
    expect(() =>
      cgiResponse([
        ["Status", "200"],
        ["status", "200"],
      ]),
    ).toThrow(/twice/);
    expect(() =>
      cgiResponse([
        ["Location", "/"],
        ["Location", "/"],
      ]),
    ).toThrow(/twice/);
    expect(() =>
      cgiResponse([
        ["Content-Type", "a/b"],
        ["Content-Type", "a/b"],
      ]),
    ).toThrow(/twice/);
    expect(() => cgiResponse([["X-A", "a\rb"]])).toThrow(/control/);
    expect(() => cgiResponse([["Location", "/a\0"]])).toThrow(/control/);
  });
});
