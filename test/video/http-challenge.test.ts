import { describe, expect, it } from "vitest";
import { HttpAuthorization } from "../../src/video/http-challenge.ts";

const MUFASA = { user: "Mufasa", password: "Circle of Life" };
const REQUEST = { method: "GET", target: "/dir/index.html" };

function answer(headers: readonly string[], credentials = MUFASA, cnonce?: string): string | null {
  return HttpAuthorization.answering(headers, credentials)?.headerFor(REQUEST, cnonce) ?? null;
}

describe("a camera's question for the password", () => {
  // RFC 7616, 3.9.1.
  const challenge = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("is answered by digest with %s as the standard's example says", (algorithm, response) => {
    const header = answer([challenge(algorithm)], MUFASA, CNONCE);
    expect(header).toContain(`response="${response}"`);
    expect(header).toContain('username="Mufasa"');
    expect(header).toContain("qop=auth, nc=00000001");
    expect(header).toContain(`opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`);
  });

  it("is answered in the oldest way where the device knows no other", () => {
    const asked = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
    // RFC 2617, 3.5, without qop.
    expect(answer([asked], { user: "Mufasa", password: "Circle Of Life" })).toContain(
      'response="670fd8c2df070c60b045671b8b24ff02"',
    );
  });

  it("is answered by digest rather than in the clear, however the offers are written down", () => {
    const both = [`Basic realm="a, b", ${challenge("MD5")}`, 'Negotiate abc==, Basic realm="c"'];
    expect(answer(both)).toMatch(/^Digest /);
    expect(answer([...both].reverse())).toMatch(/^Digest /);
  });

  it("is answered in the clear when it asks for that, or does not say for what", () => {
    const clear = `Basic ${Buffer.from("Mufasa:Circle of Life").toString("base64")}`;
    expect(answer(['Basic realm="cam"'])).toBe(clear);
    expect(answer([])).toBe(clear);
    expect(answer(['Digest realm="x", algorithm=ROT13, nonce="1"', "Basic"])).toBe(clear);
  });

  it("is not answered when it asks for something else", () => {
    expect(answer(["Negotiate"])).toBeNull();
    expect(answer(['Digest realm="x", nonce="1", qop="auth-int"'])).toBeNull();
  });

  it("counts how often the same one was answered", () => {
    const authorization = HttpAuthorization.answering([challenge("MD5")], MUFASA);
    const counts = [1, 2, 3].map(() => /nc=(\w+)/.exec(authorization?.headerFor(REQUEST) ?? "")?.[1]);
    expect(counts).toEqual(["00000001", "00000002", "00000003"]);
  });
});
