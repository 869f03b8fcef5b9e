import { addressList } from "../places.ts";
import { defined, type EnvPreset } from "../preset.ts";

/** Of the SSL bundle that the variables define. */
const BUNDLE = "valkeydrill";

/**
 * Spring Boot 3 and later: the properties `spring.data.redis.*`, as environment variables. With TLS the certificates
 * are an SSL bundle of PEM files (`spring.ssl.bundle.pem.*`, since 3.1).
 */
export const spring: EnvPreset = {
  name: "spring",
  summary:
    "Spring Boot 3 and later: SPRING_DATA_REDIS_SENTINEL_* or SPRING_DATA_REDIS_CLUSTER_NODES, and TLS",
  docs: "https://docs.spring.io/spring-boot/appendix/application-properties/index.html",
  variables: ({ kind, nodes, sentinels, group, access: { tls, files, login, sentinelLogin } }) =>
    defined({
      ...(kind === "ha"
        ? {
            SPRING_DATA_REDIS_SENTINEL_MASTER: group,
            SPRING_DATA_REDIS_SENTINEL_NODES: addressList(sentinels),
            SPRING_DATA_REDIS_SENTINEL_USERNAME: sentinelLogin?.user,
            SPRING_DATA_REDIS_SENTINEL_PASSWORD: sentinelLogin?.password,
          }
        : { SPRING_DATA_REDIS_CLUSTER_NODES: addressList(nodes) }),
      SPRING_DATA_REDIS_USERNAME: login?.user,
      SPRING_DATA_REDIS_PASSWORD: login?.password,
      ...(tls && {
        SPRING_DATA_REDIS_SSL_ENABLED: "true",
        SPRING_DATA_REDIS_SSL_BUNDLE: BUNDLE,
        ...bundle("TRUSTSTORE_CERTIFICATE", files?.ca),
        ...bundle("KEYSTORE_CERTIFICATE", files?.cert),
        ...bundle("KEYSTORE_PRIVATEKEY", files?.key),
      }),
    }),
};

function bundle(property: string, path: string | undefined): Record<string, string | undefined> {
  const name = `SPRING_SSL_BUNDLE_PEM_${BUNDLE.toUpperCase()}_${property}`;
  return { [name]: path === undefined ? undefined : `file:${path}` };
}
