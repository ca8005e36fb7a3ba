/** What is fuzzed in TypeScript: what takes bytes that a stranger may have made. */
export interface FuzzTarget {
  /** Throws where the bytes break a promise. */
  run(bytes: Uint8Array): void | Promise<void>;
  /** Inputs that lead far into the code. */
  seeds(): Promise<Uint8Array[]>;
}
