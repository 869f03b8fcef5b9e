import type {
  ClientOptions,
  ClientTarget,
  DrillClient,
  SubscribeOptions,
  Subscription,
} from "../client/client.ts";
import type { ErrorRow } from "../client/errors.ts";
import type { ClientAbilities, Support } from "../model/client-abilities.ts";
import type { ClientHelp } from "../model/client-help.ts";
import type { TopologyKind } from "../model/plan.ts";
import type { AppClient, ApplicationTarget, OpenOptions, Profile, ProfileName } from "./application.ts";

/*
 *                    ┌─ connect ──▶ DrillClient   one attempt for each call: drills, in this process
 *   ClientLibrary ───┼─ subscribe ▶ Subscription  kept up as the library does it: drills, in this process
 *                    └─ open ─────▶ AppClient     as an application has it, by a profile: the bake-off, a process for each
 */

/** How long a call is tried until it fails. */
export interface Patience {
  /** `Infinity`: for ever. */
  readonly ms: number;
  /** What decides it, in the library's own words. */
  readonly setting: string;
  readonly value: string;
}

/**
 * All that is known of one client library. `ClientLibrary<"iovalkey">` tells the compiler its names. Its folder holds
 * everything that names it; one line in `registry.ts` adds it.
 *
 * Its package must not be imported at the top of a file: every command loads the registry, and most packages are
 * optional. `connect` and `open` import it through `importPackage` (`packages.ts`), which tells how to install what is
 * missing. `import type` may stand at the top.
 */
export interface ClientLibrary<Name extends string = string> {
  /** What `--client`, scenarios and tables call it. */
  readonly name: Name;
  /** Other names by which it may be given. */
  readonly otherNames?: readonly Name[];
  /** What npm calls it. */
  readonly packageName: string;
  /** Of the package that is installed; `undefined` if none is. */
  readonly version: string | undefined;
  /** One line for `valkey-drill list`. */
  readonly summary: string;
  /**
   * Whether it can find its servers that way at all. What it does not support is refused, or shown as such, and never
   * run.
   */
  readonly supports: Readonly<Record<ApplicationTarget["kind"], Support>>;
  /** Can it show a certificate of its own, where servers require one (`tls-auth-clients yes`)? Default: it can. */
  readonly showsCertificate?: Support;
  /** What of all that workloads may ask for it can do: those that need what it cannot are refused. */
  readonly abilities?: ClientAbilities;
  /** What the library's own errors mean, by their texts; what servers say is known without it (`client/errors.ts`). */
  readonly errors: readonly ErrorRow[];
  /** A small program that uses the library against the target, ready to be pasted. */
  snippet(target: ClientTarget): string;

  /** What a client of `connect` tells. What it does not, nobody knows: checks that need it are `unknown`. */
  readonly tells: {
    /** Which server answered an operation. */
    readonly whoAnswered: boolean;
    /** How many redirects it has followed. */
    readonly redirects: boolean;
    /** What becomes of its connections. */
    readonly connections: boolean;
  };
  /**
   * What decides how soon a client of `connect` finds a new primary: the library's own name of the option, and its
   * value here.
   */
  readonly recovery: Readonly<Record<TopologyKind, { readonly setting: string; readonly value: string }>>;
  /** What was measured to help an application whose client it is, or not to. Absent: nothing. */
  readonly help?: readonly ClientHelp[];
  /**
   * How long an application's call is tried while its primary is away, with these options of the library's own over its
   * defaults. Absent: nobody can tell from the options.
   */
  patience?(kind: TopologyKind, options: Readonly<Record<string, unknown>>): Patience;
  /**
   * A client that makes one attempt for each call. Resolves once it is connected and can be used.
   *
   * @throws DrillError `MISSING_PACKAGE`
   */
  connect(options: ClientOptions, deadlineMs: number): Promise<DrillClient>;

  /**
   * A subscriber with connections of its own, which come back by themselves. Resolves once the servers have confirmed
   * it for every channel. Absent where `abilities` lacks it.
   *
   * @throws DrillError `MISSING_PACKAGE`
   */
  subscribe?(options: ClientOptions, to: SubscribeOptions, deadlineMs: number): Promise<Subscription>;

  /** The settings with which the bake-off plays it. */
  readonly profiles: Readonly<Record<ProfileName, Profile>>;
  /**
   * A client as an application would make it, which begins to connect. Resolves when the library says that it can be
   * used (or at once, where its README does not wait); the probe waits for a first answer by itself. Runs in a process
   * of its own: the library may crash it or block it.
   *
   * @throws DrillError `MISSING_PACKAGE`; whatever the library throws if it gives up connecting
   */
  open(given: OpenOptions): Promise<AppClient>;
}
