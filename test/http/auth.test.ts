import { expect, test } from "vitest";
import { authenticate } from "../../src/http/auth.ts";
import type { HttpError } from "../../src/http/errors.ts";

async function refusal(authorization: string | null, token: string | undefined): Promise<HttpError> {
  return await authenticate(authorization, token).then(
    () => expect.unreachable("let in"),
    (error) => error,
  );
}

test("the right token passes, the scheme in any case", async () => {
  await authenticate("Bearer s3cret~", "s3cret~");
  await authenticate("bearer  s3cret~ ", "s3cret~");
});

test("without a configured token nothing passes", async () => {
  expect(await refusal("Bearer x", undefined)).toMatchObject({ status: 503 });
  expect(await refusal("Bearer ", "")).toMatchObject({ status: 503 });
});

test("a missing or malformed header is told what is needed", async () => {
  for (const header of [null, "", "Bearer", "Bearer ", "Basic s3cret", "s3cret", "Bearer a b"]) {
    const error = await refusal(header, "s3cret");
    expect(error).toMatchObject({ status: 401, headers: { "WWW-Authenticate": 'Bearer realm="binlet"' } });
  }
});

test("a wrong token is refused, prefixes and extensions among them", async () => {
  for (const token of ["s3cre", "s3crett", "S3cret", "x"]) {
    const error = await refusal(`Bearer ${token}`, "s3cret");
    expect(error.status).toBe(401);
    expect(error.headers["WWW-Authenticate"]).toContain("invalid_token");
  }
});
