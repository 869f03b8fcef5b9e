import { SentinelConnector, type Valkey } from "iovalkey";

/**
 * iovalkey's own connector, whose connections to Sentinels have a listener for errors. Those that the library opens to
 * listen for failovers have none, and each refused reconnection to a dead Sentinel would be printed on standard error.
 */
export class QuietSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
  }
}

type Internals = { connectToSentinel(...args: unknown[]): Valkey };

const own = SentinelConnector.prototype as unknown as Internals;

// The method is private in the library's types, so it cannot be overridden in the class.
Object.defineProperty(QuietSentinelConnector.prototype, "connectToSentinel", {
  value(this: Internals, ...args: unknown[]): Valkey {
    const client = own.connectToSentinel.apply(this, args);
    client.on("error", () => {}); // the calls through the client under test tell what matters
    return client;
  },
});
