import type { Endpoint } from "../model/plan.ts";

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** For which names and addresses, and how long, a certificate is made. */
export interface CertificateRequest {
  /** Its subject's common name. */
  readonly name: string;
  /** DNS names and IP addresses. */
  readonly hosts: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/**
 * A certificate authority of one environment: it lives in memory, and its key is written nowhere unless its
 * maker does.
 */
export interface Authority extends KeyPair {
  /** For servers and clients alike: a replica is a client of its primary. */
  issue(request: CertificateRequest): Promise<KeyPair>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Before now, so that clocks which are a little apart, or a fault that moves one, do not matter. */
const EARLIER_MS = 2 * DAY_MS;
/** Longer than any drill, shorter than what clients refuse. */
const LASTS_MS = 390 * DAY_MS;

const NAME = "valkey-drill CA";

/** Makes a certificate authority. The library is loaded here, and nowhere else. */
export async function makeAuthority(name = NAME): Promise<Authority> {
  const x509 = await library();
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - EARLIER_MS),
    notAfter: new Date(Date.now() + LASTS_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return authorityOf(`${authority.toString("pem")}\n`, await keyText(keys.privateKey), keys.privateKey, name);
}

/** An authority that was made before, by its certificate and key. */
export async function openAuthority({ cert, key }: KeyPair): Promise<Authority> {
  const text = key.replaceAll(/-----[^-]+-----|\s/g, "");
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const signingKey = await crypto.subtle.importKey("pkcs8", bytes, ALGORITHM, false, ["sign"]);
  return authorityOf(cert, key, signingKey, NAME);
}

function authorityOf(cert: string, key: string, signingKey: PrivateKey, issuer: string): Authority {
  return {
    cert,
    key,
    async issue({ name, hosts, notBefore, notAfter }) {
      const x509 = await library();
      const own = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
      const names = [...new Set(hosts)].map(
        (host) => ({ type: isAddress(host) ? "ip" : "dns", value: host }) as const,
      );
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: `CN=${issuer}`,
        publicKey: own.publicKey,
        signingKey,
        signingAlgorithm: ALGORITHM,
        serialNumber: serialNumber(),
        notBefore: notBefore ?? new Date(Date.now() - EARLIER_MS),
        notAfter: notAfter ?? new Date(Date.now() + LASTS_MS - DAY_MS),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
          new x509.SubjectAlternativeNameExtension(names),
        ],
      });
      return { cert: `${certificate.toString("pem")}\n`, key: await keyText(own.privateKey) };
    },
  };
}

type PrivateKey = Parameters<typeof crypto.subtle.exportKey>[1];

async function library() {
  await import("reflect-metadata"); // the library's own containers need it, and say so
  return await import("@peculiar/x509");
}

/** By a name of this domain an application is told where a node is, where it is to know it by name. */
export const OUR_NAMES = "*.drill.test";

/** Every name and address by which a node may be called: a certificate that lacks one would be refused there. */
export function hostsOf(name: string, { host, announced, hostname, fabric }: Endpoint): string[] {
  const { containerHost, published, spare } = fabric ?? {};
  const addresses = [host, announced?.host, containerHost, published?.host, spare?.host];
  const given = [...addresses, hostname, "127.0.0.1", "localhost", name, OUR_NAMES];
  return [...new Set(given.filter((one) => one !== undefined))];
}

async function keyText(key: PrivateKey): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const text = btoa(String.fromCharCode(...bytes));
  return `-----BEGIN PRIVATE KEY-----\n${text.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END PRIVATE KEY-----\n`;
}

/** 16 random bytes, the first of them below 128 and above 0: positive, and of full length. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(":");
}
