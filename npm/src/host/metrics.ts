/** What a host counts, as plain data. */

/** What has become of calls: `begun` is the sum of the others. */
export interface CallCounts {
  /** How many were made so far. */
  begun: number;
  /** How many were answered; the error arm of a result is an answer, too. */
  succeeded: number;
  /** How many failed. */
  failed: number;
  /** How many are at work. */
  inFlight: number;
  /** How many wait for their turn. */
  waiting: number;
}

/** The counts of one component. They begin when it is started. */
export interface ComponentMetrics {
  /** How many calls were made so far. */
  calls: number;
  /** How many of them failed, by the code of the error. */
  failures: Record<string, number>;
  /** How often its limits struck, by the name of the option; `maxLogRate` counts once for each second in which lines are dropped. */
  limits: Record<string, number>;
  /** How many calls are at work. */
  inFlight: number;
  /** How many calls wait for their turn. */
  waiting: number;
}

/** What the engines of a host are made of. */
export interface EngineMetrics {
  /** The workers. */
  workers: {
    /** How many run components. */
    live: number;
    /** How many stand by. */
    spare: number;
    /** How many were lost so far: ended because of a guest, or failed. */
    lost: number;
    /** How many were started so far. */
    started: number;
  };
  /** The instances of components. */
  instances: {
    /** How many there are, idle ones among them. */
    live: number;
    /** How many of them wait for a call. */
    idle: number;
    /** How many were made so far. */
    created: number;
    /** How often one was set back to its first state for the next call. */
    restored: number;
    /** How many were dropped so far. */
    dropped: number;
  };
}

/** The counts of a host. They begin when it starts; those of components that have stopped stay counted. */
export interface HostMetrics extends EngineMetrics {
  /** How long it has run. */
  uptimeSeconds: number;
  /** The calls of all components. */
  calls: CallCounts;
  /** How many calls failed, by the code of the error. */
  failures: Record<string, number>;
  /** How often limits struck, by the name of the option. */
  limits: Record<string, number>;
  /** Streams and futures. */
  streams: {
    /** How many are open. */
    open: number;
  };
  /** The components that run here, by id. */
  components: Record<string, ComponentMetrics>;
}
