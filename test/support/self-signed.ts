// A certificate as cameras have them: signed by nobody but themselves. Made anew, so that no key lies in the repository.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

/** X.509 version 1 (RFC 5280, 4.1) for the name `camera`, by DER's rules (X.690). */
export function selfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // ecdsa-with-SHA256, 1.2.840.10045.4.3.2; commonName, 2.5.4.3.
  const algorithm = der(0x30, der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const type = der(0x06, Buffer.from("550403", "hex"));
  const name = der(0x30, der(0x31, der(0x30, type, der(0x0c, Buffer.from("camera")))));
  const valid = der(0x30, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z")));
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const publicInfo = publicKey.export({ type: "spki", format: "der" });
  const body = der(0x30, serial, algorithm, name, valid, name, publicInfo);
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]));
  const cert = der(0x30, body, algorithm, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
