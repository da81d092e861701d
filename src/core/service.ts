/** Constructors only assign; `start` acquires, `stop` releases and may be called twice. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}
