import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OUR_NAMES } from "../../base/certificates.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { TlsPlan } from "../../topology/security.ts";

const PLACE = "topology.tls.certificates";

/** Paths of the user's own files. */
export interface OwnFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Certificates of the user's own authority: one for every node and for clients.
 *
 * @throws DrillError `BAD_CERTIFICATE` with which file, and why it cannot be used
 */
export async function ownCertificates(files: OwnFiles, clientAuth: TlsPlan["clientAuth"]): Promise<TlsPlan> {
  const [ca, cert, key] = await Promise.all([read("ca", files), read("cert", files), read("key", files)]);
  const authorities = certificatesOf("ca", files, ca);
  const [own] = certificatesOf("cert", files, cert);
  if (!own) throw bad("cert", files, "has no certificate in it");
  const privateKey = keyOf(files, key);
  if (!own.checkPrivateKey(privateKey))
    throw bad(
      "key",
      files,
      `is not the key of the certificate ${files.cert}`,
      "Give the key that it was made with.",
    );
  checkTimes("cert", files, own);
  if (!authorities.some((one) => own.checkIssued(one)) && !hasChain(cert))
    throw bad(
      "cert",
      files,
      `was not issued by any certificate of ${files.ca}: its issuer is ${issuerOf(own)}`,
    );
  return {
    clientAuth,
    ca,
    client: { cert, key },
    nodeCertificate: async (name, hosts) => {
      const ours = [name, "localhost", OUR_NAMES];
      const missing = hosts.filter((host) => !ours.includes(host) && !isFor(own, host));
      if (missing.length === 0) return { cert, key };
      throw bad(
        "cert",
        files,
        `is not valid for ${missing.join(", ")}, where ${name} is reached; it names ${own.subjectAltName ?? "nobody"}`,
        "Issue it with these addresses, or leave `certificates` out: then the drill makes its own.",
      );
    },
  };
}

async function read(what: keyof OwnFiles, files: OwnFiles): Promise<string> {
  return await readFile(files[what], "utf8").catch((cause: unknown) => {
    throw bad(what, files, `cannot be read: ${messageOf(cause)}`, undefined, cause);
  });
}

function certificatesOf(what: keyof OwnFiles, files: OwnFiles, text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw bad(what, files, "is no certificate in PEM form", "It begins with -----BEGIN CERTIFICATE-----.");
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw bad(what, files, `is no certificate: ${messageOf(cause)}`, undefined, cause);
  }
}

function keyOf(files: OwnFiles, text: string) {
  if (/ENCRYPTED/.test(text))
    throw bad(
      "key",
      files,
      "is protected by a password",
      `Write one without: openssl pkey -in ${files.key} -out unprotected.key`,
    );
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw bad("key", files, `is no private key in PEM form: ${messageOf(cause)}`, undefined, cause);
  }
}

function checkTimes(what: keyof OwnFiles, files: OwnFiles, own: X509Certificate): void {
  const now = Date.now();
  if (Date.parse(own.validTo) < now) throw bad(what, files, `expired on ${own.validTo}`);
  if (Date.parse(own.validFrom) > now) throw bad(what, files, `is valid only from ${own.validFrom} on`);
}

/** Intermediate certificates stand behind it. */
const hasChain = (text: string) => (text.match(/-----BEGIN CERTIFICATE-----/g) ?? []).length > 1;

const issuerOf = (own: X509Certificate) => own.issuer.replaceAll("\n", ", ");

const isFor = (own: X509Certificate, host: string) =>
  (/^[\d.]+$|:/.test(host) ? own.checkIP(host) : own.checkHost(host)) !== undefined;

function bad(
  what: keyof OwnFiles,
  files: OwnFiles,
  problem: string,
  hint?: string,
  cause?: unknown,
): DrillError {
  return new DrillError("BAD_CERTIFICATE", `${PLACE}.${what}: ${files[what]} ${problem}`, { hint, cause });
}
