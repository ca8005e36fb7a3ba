/** Where a guest runs: in a worker of the pool, in a worker of its own, or on the thread of the host. */
export type Isolation = "worker" | "dedicated" | "inline";
