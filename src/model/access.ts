/** A name and password; without `user` that of the default user. */
export interface Credentials {
  readonly user?: string;
  readonly password: string;
}

/** What a connection with TLS needs: PEM texts. `cert` and `key` are what it presents of itself. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whatever certificate the other end shows is taken: to look at a node whose certificate is bad. */
  readonly unverified?: boolean;
}

/** Does a server ask its clients for a certificate (`tls-auth-clients`)? */
export type ClientAuth = "required" | "optional" | "no";

/** How to reach the nodes of a plan that do not take everybody. It holds secrets: never record it. */
export interface PlanSecurity {
  readonly tls?: TlsMaterial & {
    readonly clientAuth: ClientAuth;
    /** Of the authority, where the drill made it. */
    readonly caKey?: string;
  };
  /** Who may do what at data nodes. */
  readonly data?: Logins;
  /** Who may do what at Sentinels. */
  readonly sentinel?: Logins;
  /** By whom nodes are called by each other: `replication` by replicas, `sentinel` by Sentinels. */
  readonly internal?: { readonly replication?: Credentials; readonly sentinel?: Credentials };
  /** Files for the clients of people. */
  readonly files?: AccessFiles;
}

/** `admin` may do everything: the drill itself. `application`: the client under test. Absent: nobody is asked. */
export interface Logins {
  readonly admin?: Credentials;
  readonly application?: Credentials;
}

/** Paths of what a client needs. */
export interface AccessFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The application's password for the data nodes. */
  readonly password?: string;
  /** The same for the Sentinels. */
  readonly sentinelPassword?: string;
}

/** How one node is reached. */
export interface NodeAccess {
  readonly tls?: TlsMaterial;
  readonly login?: Credentials;
}

/** What a client of an application is given besides addresses. */
export interface ClientAccess {
  readonly tls?: TlsMaterial & { readonly clientAuth: ClientAuth };
  readonly login?: Credentials;
  readonly sentinelLogin?: Credentials;
  readonly files?: AccessFiles;
}

/** A plan, as far as it matters here. */
interface Secured {
  readonly security?: PlanSecurity;
}

/** How the drill itself reaches that node. */
export function accessOf({ security }: Secured, { program }: { readonly program: string }): NodeAccess {
  const logins = program === "sentinel" ? security?.sentinel : security?.data;
  const { ca, cert, key } = security?.tls ?? {};
  return { tls: ca === undefined ? undefined : { ca, cert, key }, login: logins?.admin };
}

/** What the client under test is given; `undefined` where everybody may do everything. */
export function clientAccessOf({ security }: Secured): ClientAccess | undefined {
  if (!security) return undefined;
  const { data, sentinel, files } = security;
  const { caKey: _, ...tls } = security.tls ?? {};
  return {
    tls: security.tls && (tls as ClientAccess["tls"]),
    login: data?.application,
    sentinelLogin: sentinel?.application,
    files,
  };
}
