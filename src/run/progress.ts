/** How a running drill tells what it is at. Implemented by the reports; `src/report/terminal/live.ts` is one. */
export interface DrillProgress {
  step(title: string): {
    update(text: string): void;
    done(text?: string): void;
    fail(text: string): void;
  };
}

/** What tells nobody. */
export const SILENT: DrillProgress = { step: () => ({ update() {}, done() {}, fail() {} }) };
