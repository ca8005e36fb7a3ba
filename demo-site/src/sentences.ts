// Says what happened in a sentence.

import type { LatticeEvent } from "trellis-host";

/** An event of the lattice. */
export function sentence({ name, data }: LatticeEvent): string {
  const text = (key: string): string => (typeof data[key] === "string" ? oneLine(data[key]) : "");
  const linked = `${text("source_id")} to ${text("target")} for ${text("wit_namespace")}:${text("wit_package")}`;
  switch (name) {
    case "host_started": return `Host ${text("friendly_name")} joined the lattice.`;
    case "host_stopped": return "The host left the lattice.";
    case "component_scaled": return Number(data["max_instances"]) > 0 ? `${text("component_id")} runs.` : `${text("component_id")} was stopped.`;
    case "component_scale_failed": return `${text("component_id")} could not be started. ${text("error")}`;
    case "linkdef_set": return `Linked ${linked}.`;
    case "linkdef_set_failed": return `Could not link ${linked}. ${text("error")}`;
    case "linkdef_deleted": return `A link of ${text("source_id")} for ${text("wit_namespace")}:${text("wit_package")} is gone.`;
    case "provider_started": return `Provider ${text("provider_id")} runs.`;
    case "provider_stopped": return `Provider ${text("provider_id")} was stopped.`;
    case "config_set": return `Config ${text("config_name")} was set.`;
    case "config_deleted": return `Config ${text("config_name")} was deleted.`;
    case "limit_reached": return `${text("component_id")} has reached its limit ${text("limit")}${times(Number(data["count"]))}. ${capital(text("detail"))}.`;
    default: return JSON.stringify(data);
  }
}

/** Whether an event tells of something that went wrong. */
export function isTrouble({ name }: LatticeEvent): boolean {
  return name.endsWith("_failed") || name === "limit_reached";
}

/** Why a file cannot be a component, where its first bytes tell; nothing where they do not. */
export function refusal(fileName: string, bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return `${fileName} is empty. Choose the .wasm file that your build produced.`;
  if ([0x00, 0x61, 0x73, 0x6d].every((byte, index) => bytes[index] === byte)) return undefined;
  return `${fileName} is no WebAssembly file: it does not begin with the bytes 00 61 73 6d. Choose the .wasm file that your build produced.`;
}

/** An error as a sentence. */
export function reason(error: unknown): string {
  const sentence = capital(oneLine(error instanceof Error ? error.message : String(error)));
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function times(count: number): string {
  return count > 1 ? ` ${count} times` : "";
}

/** With a capital, where it begins with a word: `wasi:http` and `maxMemory` are names. */
function capital(text: string): string {
  return text.replace(/^[a-z]+(?=[\s,;.!?]|$)/, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
