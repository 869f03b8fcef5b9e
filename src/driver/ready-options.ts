/** For every wait until a topology is ready. */
export interface ReadyOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}
